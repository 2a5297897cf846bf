// The system: versions, names of processes, and what stands around the devices (units, excluded devices: none).
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "shims/device/log.h"
#include "shims/nvml/call.h"

using namespace vgpu::nvml;

namespace {

std::string_view driver_version() { return vgpu::device::system().driver_version; }

// The first word of /proc/PID/cmdline. Negative when there is no such process.
long process_name(unsigned pid, char* to, std::size_t size) {
  char path[40] = "/proc/";
  std::size_t at = 6;
  const vgpu::log::Number number(pid);
  for (const char c : number.text()) path[at++] = c;
  for (const char c : std::string_view("/cmdline")) path[at++] = c;
  path[at] = '\0';
  const int saved = errno;
  const int file = open(path, O_RDONLY | O_CLOEXEC);
  const long length = file < 0 ? -1 : read(file, to, size);
  if (file >= 0) close(file);
  errno = saved;
  return length;
}

}  // namespace

VGPU_NVML nvmlSystemGetDriverVersion(char* version, unsigned length) {
  return with_nvml([&] { return copy_text(version, length, driver_version()); });
}

// "13.580.65.06": the CUDA major the library was made for, then the driver. Answered without nvmlInit.
VGPU_NVML nvmlSystemGetNVMLVersion(char* version, unsigned length) {
  char text[48];
  std::size_t at = 0;
  const vgpu::log::Number major(vgpu::device::system().cuda_version / 1000);
  for (const char c : major.text()) text[at++] = c;
  text[at++] = '.';
  for (const char c : driver_version()) text[at++] = c;
  return copy_text(version, length, {text, at});
}

VGPU_NVML nvmlSystemGetCudaDriverVersion(int* version) {
  return with_nvml([&] {
    if (version == nullptr) return NVML_ERROR_INVALID_ARGUMENT;
    *version = vgpu::device::system().cuda_version;
    return NVML_SUCCESS;
  });
}

VGPU_NVML nvmlSystemGetCudaDriverVersion_v2(int* version) { return nvmlSystemGetCudaDriverVersion(version); }

// A name that does not fit is cut, as the real library does.
VGPU_NVML nvmlSystemGetProcessName(unsigned pid, char* name, unsigned length) {
  return with_nvml([&] {
    if (name == nullptr || length == 0) return NVML_ERROR_INVALID_ARGUMENT;
    char text[1024];
    const long read = process_name(pid, text, sizeof text);
    if (read < 0) return NVML_ERROR_NOT_FOUND;
    unsigned at = 0;
    for (; at + 1 < length && at < static_cast<unsigned long>(read) && text[at] != '\0'; ++at) name[at] = text[at];
    name[at] = '\0';
    return NVML_SUCCESS;
  });
}

namespace {

nvmlReturn_t none(unsigned* count) {
  return with_nvml([&] {
    if (count == nullptr) return NVML_ERROR_INVALID_ARGUMENT;
    *count = 0;
    return NVML_SUCCESS;
  });
}

// No index and no unit is a good one.
nvmlReturn_t no_such() {
  return with_nvml([] { return NVML_ERROR_INVALID_ARGUMENT; });
}

}  // namespace

VGPU_NVML nvmlGetExcludedDeviceCount(unsigned* count) { return none(count); }
VGPU_NVML nvmlGetBlacklistDeviceCount(unsigned* count) { return none(count); }
VGPU_NVML nvmlGetExcludedDeviceInfoByIndex(unsigned, void*) { return no_such(); }
VGPU_NVML nvmlGetBlacklistDeviceInfoByIndex(unsigned, void*) { return no_such(); }
VGPU_NVML nvmlSystemGetHicVersion(unsigned* count, void*) { return none(count); }
VGPU_NVML nvmlUnitGetCount(unsigned* count) { return none(count); }
VGPU_NVML nvmlUnitGetHandleByIndex(unsigned, nvmlUnit_t*) { return no_such(); }
VGPU_NVML nvmlUnitGetDevices(nvmlUnit_t, unsigned*, nvmlDevice_t*) { return no_such(); }
VGPU_NVML nvmlUnitGetFanSpeedInfo(nvmlUnit_t, void*) { return no_such(); }
VGPU_NVML nvmlUnitGetLedState(nvmlUnit_t, void*) { return no_such(); }
VGPU_NVML nvmlUnitGetPsuInfo(nvmlUnit_t, void*) { return no_such(); }
VGPU_NVML nvmlUnitGetTemperature(nvmlUnit_t, unsigned, unsigned*) { return no_such(); }
VGPU_NVML nvmlUnitGetUnitInfo(nvmlUnit_t, void*) { return no_such(); }
VGPU_NVML nvmlUnitSetLedState(nvmlUnit_t, int) { return no_such(); }
