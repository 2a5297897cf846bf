package main

/*
#cgo LDFLAGS: -ldl
#include <dlfcn.h>
#include <stdlib.h>

// The functions that Ollama's probe looks up, by the ABI of cuda.h and nvml.h: every handle is an int or a pointer.
static int call_flags(void *f, unsigned flags) { return ((int (*)(unsigned))f)(flags); }
static int call_int(void *f, int *out) { return ((int (*)(int *))f)(out); }
static int call_index(void *f, int *out, int index) { return ((int (*)(int *, int))f)(out, index); }
static int call_attribute(void *f, int *out, int attribute, int device) {
  return ((int (*)(int *, int, int))f)(out, attribute, device);
}
static int call_text(void *f, char *out, int size, int device) { return ((int (*)(char *, int, int))f)(out, size, device); }
static int call_size(void *f, size_t *out, int device) { return ((int (*)(size_t *, int))f)(out, device); }
static int call_none(void *f) { return ((int (*)(void))f)(); }
static int call_version(void *f, char *out, unsigned size) { return ((int (*)(char *, unsigned))f)(out, size); }
*/
import "C"

import (
	"fmt"
	"strings"
	"unsafe"
)

// CUdevice_attribute
const (
	attributeIntegrated = 18
	attributeMajor      = 75
	attributeMinor      = 76
)

type driverDevice struct {
	Name       string `json:"name"`
	PCI        string `json:"pci_id"`
	Compute    string `json:"compute"`
	Total      uint64 `json:"total"`
	Integrated bool   `json:"integrated"`
}

type driverAnswer struct {
	CUDA    string         `json:"cuda"`   // "13.0"
	Driver  string         `json:"driver"` // "580.65.06"
	Devices []driverDevice `json:"devices"`
}

// library is one dlopen'ed library; its functions are looked up with dlsym, as a program does that must start without.
type library struct {
	name   string
	handle unsafe.Pointer
}

func open(name string) (library, error) {
	text := C.CString(name)
	defer C.free(unsafe.Pointer(text))
	handle := C.dlopen(text, C.RTLD_LAZY|C.RTLD_LOCAL)
	if handle == nil {
		return library{}, fmt.Errorf("dlopen: %s", C.GoString(C.dlerror()))
	}
	return library{name, handle}, nil
}

func (l library) function(name string) (unsafe.Pointer, error) {
	text := C.CString(name)
	defer C.free(unsafe.Pointer(text))
	function := C.dlsym(l.handle, text)
	if function == nil {
		return nil, fmt.Errorf("%s: no %s", l.name, name)
	}
	return function, nil
}

// functions looks up all names or none.
func (l library) functions(names ...string) (map[string]unsafe.Pointer, error) {
	found := map[string]unsafe.Pointer{}
	for _, name := range names {
		function, err := l.function(name)
		if err != nil {
			return nil, err
		}
		found[name] = function
	}
	return found, nil
}

// askDriver is the whole probe: eight functions of the CUDA driver, three of NVML.
func askDriver() (driverAnswer, error) {
	var answer driverAnswer
	cuda, err := open("libcuda.so.1")
	if err != nil {
		return answer, err
	}
	cu, err := cuda.functions("cuInit", "cuDriverGetVersion", "cuDeviceGetCount", "cuDeviceGet", "cuDeviceGetAttribute",
		"cuDeviceGetName", "cuDeviceTotalMem_v2", "cuDeviceGetPCIBusId")
	if err != nil {
		return answer, err
	}
	if status := C.call_flags(cu["cuInit"], 0); status != 0 {
		return answer, fmt.Errorf("cuInit: %d", status)
	}
	var version, count C.int
	if status := C.call_int(cu["cuDriverGetVersion"], &version); status != 0 {
		return answer, fmt.Errorf("cuDriverGetVersion: %d", status)
	}
	answer.CUDA = fmt.Sprintf("%d.%d", version/1000, version%1000/10)
	if status := C.call_int(cu["cuDeviceGetCount"], &count); status != 0 {
		return answer, fmt.Errorf("cuDeviceGetCount: %d", status)
	}
	for i := C.int(0); i < count; i++ {
		device, err := askDevice(cu, i)
		if err != nil {
			return answer, fmt.Errorf("device %d: %w", i, err)
		}
		answer.Devices = append(answer.Devices, device)
	}

	management, err := open("libnvidia-ml.so.1")
	if err != nil {
		return answer, err
	}
	nvml, err := management.functions("nvmlInit_v2", "nvmlSystemGetDriverVersion", "nvmlShutdown")
	if err != nil {
		return answer, err
	}
	if status := C.call_none(nvml["nvmlInit_v2"]); status != 0 {
		return answer, fmt.Errorf("nvmlInit_v2: %d", status)
	}
	defer C.call_none(nvml["nvmlShutdown"])
	var text [80]C.char
	if status := C.call_version(nvml["nvmlSystemGetDriverVersion"], &text[0], C.uint(len(text))); status != 0 {
		return answer, fmt.Errorf("nvmlSystemGetDriverVersion: %d", status)
	}
	answer.Driver = C.GoString(&text[0])
	return answer, nil
}

func askDevice(cu map[string]unsafe.Pointer, index C.int) (driverDevice, error) {
	var device driverDevice
	var handle, major, minor, integrated C.int
	var total C.size_t
	var name, pci [128]C.char
	for _, step := range []struct {
		name   string
		status C.int
	}{
		{"cuDeviceGet", C.call_index(cu["cuDeviceGet"], &handle, index)},
		{"major", C.call_attribute(cu["cuDeviceGetAttribute"], &major, attributeMajor, handle)},
		{"minor", C.call_attribute(cu["cuDeviceGetAttribute"], &minor, attributeMinor, handle)},
		{"integrated", C.call_attribute(cu["cuDeviceGetAttribute"], &integrated, attributeIntegrated, handle)},
		{"cuDeviceGetName", C.call_text(cu["cuDeviceGetName"], &name[0], C.int(len(name)), handle)},
		{"cuDeviceTotalMem_v2", C.call_size(cu["cuDeviceTotalMem_v2"], &total, handle)},
		{"cuDeviceGetPCIBusId", C.call_text(cu["cuDeviceGetPCIBusId"], &pci[0], C.int(len(pci)), handle)},
	} {
		if step.status != 0 {
			return device, fmt.Errorf("%s: %d", step.name, step.status)
		}
	}
	device.Name = C.GoString(&name[0])
	device.PCI = strings.ToLower(C.GoString(&pci[0]))
	device.Compute = fmt.Sprintf("%d.%d", major, minor)
	device.Total = uint64(total)
	device.Integrated = integrated != 0
	return device, nil
}
