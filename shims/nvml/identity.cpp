// Who a device is.
#include "shims/nvml/identity.h"

#include "shims/device/uuid.h"

namespace vgpu::nvml {
namespace {

constexpr int kGeForce = 5;
constexpr int kGeForceRtx = 15;

// nvmlDeviceArchitecture_t
unsigned architecture(const Description& device) {
  const int capability = device.cc_major * 10 + device.cc_minor;
  if (capability < 50) return 2;   // Kepler
  if (capability < 60) return 3;   // Maxwell
  if (capability < 70) return 4;   // Pascal
  if (capability < 75) return 5;   // Volta
  if (capability < 80) return 6;   // Turing
  if (capability < 89) return 7;   // Ampere
  if (capability < 90) return 8;   // Ada
  if (capability < 100) return 9;  // Hopper
  return 10;                       // Blackwell
}

// CUDA cores of a multiprocessor: the throughput of single-precision additions in the CUDA C++ programming guide, table
// "throughput of native arithmetic instructions".
int cores_per_multiprocessor(const Description& device) {
  const int capability = device.cc_major * 10 + device.cc_minor;
  if (capability < 50) return 192;
  return capability == 60 || (capability >= 70 && capability <= 80) ? 64 : 128;
}

}  // namespace

bool serial_number(const Description& device, SerialText& text) {
  if (device.brand == kGeForce || device.brand == kGeForceRtx) return false;
  std::uint64_t number = 0;
  for (const unsigned char byte : device.uuid) number = number * 131 + byte;
  text[sizeof text - 1] = '\0';
  for (std::size_t i = sizeof text - 1; i-- > 0; number /= 10) text[i] = static_cast<char>('0' + number % 10);
  text[0] = '1';
  return true;
}

bool remaps_rows(const Description& device) { return device.ecc != 0 && device.cc_major >= 8; }

bool can_do_mig(const Description& device) {
  return device.ecc != 0 && device.cc_minor == 0 &&
         (device.cc_major == 8 || device.cc_major == 9 || device.cc_major == 10);
}

}  // namespace vgpu::nvml

using namespace vgpu::nvml;

VGPU_NVML nvmlDeviceGetName(nvmlDevice_t device, char* name, unsigned length) {
  return with_device(device, [&](int, const Description& one) { return copy_text(name, length, one.name); });
}

VGPU_NVML nvmlDeviceGetUUID(nvmlDevice_t device, char* uuid, unsigned length) {
  return with_device(device, [&](int, const Description& one) {
    vgpu::device::UuidText text;
    vgpu::device::format_uuid(one.uuid, text);
    return copy_text(uuid, length, text);
  });
}

VGPU_NVML nvmlDeviceGetSerial(nvmlDevice_t device, char* serial, unsigned length) {
  return with_device(device, [&](int, const Description& one) {
    if (serial == nullptr) return NVML_ERROR_INVALID_ARGUMENT;
    SerialText text;
    return serial_number(one, text) ? copy_text(serial, length, text) : NVML_ERROR_NOT_SUPPORTED;
  });
}

VGPU_NVML nvmlDeviceGetBrand(nvmlDevice_t device, int* brand) {
  return tell(device, brand, [](const Description& one) { return one.brand; });
}

VGPU_NVML nvmlDeviceGetIndex(nvmlDevice_t device, unsigned* index) {
  return tell(device, index, [&](const Description&) { return index_of(device); });
}

VGPU_NVML nvmlDeviceGetMinorNumber(nvmlDevice_t device, unsigned* minor) { return nvmlDeviceGetIndex(device, minor); }

VGPU_NVML nvmlDeviceGetModuleId(nvmlDevice_t device, unsigned* module) { return nvmlDeviceGetIndex(device, module); }

VGPU_NVML nvmlDeviceGetArchitecture(nvmlDevice_t device, unsigned* value) { return tell(device, value, architecture); }

VGPU_NVML nvmlDeviceGetCudaComputeCapability(nvmlDevice_t device, int* major, int* minor) {
  return with_device(device, [&](int, const Description& one) {
    if (major == nullptr || minor == nullptr) return NVML_ERROR_INVALID_ARGUMENT;
    *major = one.cc_major;
    *minor = one.cc_minor;
    return NVML_SUCCESS;
  });
}

VGPU_NVML nvmlDeviceGetNumGpuCores(nvmlDevice_t device, unsigned* cores) {
  return tell(device, cores, [](const Description& one) { return one.sms * cores_per_multiprocessor(one); });
}

// Which board: one for each device, numbered as the real library does.
VGPU_NVML nvmlDeviceGetBoardId(nvmlDevice_t device, unsigned* board) {
  return tell(device, board,
              [](const Description& one) { return one.pci_domain << 16 | one.pci_bus << 8 | one.pci_device; });
}

VGPU_NVML nvmlDeviceGetMultiGpuBoard(nvmlDevice_t device, unsigned* value) {
  return tell(device, value, [](const Description&) { return 0; });
}

VGPU_NVML nvmlDeviceOnSameBoard(nvmlDevice_t first, nvmlDevice_t second, int* same) {
  return with_device(first, [&](int, const Description&) {
    if (index_of(second) < 0 || same == nullptr) return NVML_ERROR_INVALID_ARGUMENT;
    *same = first == second;
    return NVML_SUCCESS;
  });
}

// No firmware, no infoROM, no part numbers: nothing runs on the emulated device. The VBIOS is asked for by every
// monitor and has no error for that, so its version is plainly none.
VGPU_NVML nvmlDeviceGetVbiosVersion(nvmlDevice_t device, char* version, unsigned length) {
  return with_device(device, [&](int, const Description&) { return copy_text(version, length, "00.00.00.00.00"); });
}

VGPU_NVML nvmlDeviceGetBoardPartNumber(nvmlDevice_t device, char* number, unsigned) {
  return not_there(device, number);
}

VGPU_NVML nvmlDeviceGetInforomVersion(nvmlDevice_t device, int object, char* version, unsigned) {
  constexpr int kObjects = 3;
  return object < 0 || object >= kObjects ? not_there(device, static_cast<char*>(nullptr)) : not_there(device, version);
}

VGPU_NVML nvmlDeviceGetInforomImageVersion(nvmlDevice_t device, char* version, unsigned) {
  return not_there(device, version);
}

VGPU_NVML nvmlDeviceGetInforomConfigurationChecksum(nvmlDevice_t device, unsigned* sum) {
  return not_there(device, sum);
}

VGPU_NVML nvmlDeviceGetGspFirmwareVersion(nvmlDevice_t device, char* version) { return not_there(device, version); }

VGPU_NVML nvmlDeviceGetGspFirmwareMode(nvmlDevice_t device, unsigned* enabled, unsigned* by_default) {
  return not_there(device, enabled, by_default);
}
