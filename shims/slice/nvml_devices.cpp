// The ways to a GPU: to one that the launch does not have there is none.
#include "shims/slice/nvml_visible.h"

using namespace vgpu::slice;
using namespace vgpu::nvml;
namespace abi = vgpu::abi;

namespace {

nvmlReturn_t count_devices(unsigned function, unsigned* count) {
  const nvmlReturn_t result = real_nvml(function, count);
  if (result != NVML_SUCCESS) return result;
  const VisibleGpus visible;
  if (!visible.all()) *count = visible.count();
  return result;
}

nvmlReturn_t by_index(unsigned function, unsigned index, nvmlDevice_t* device) {
  const VisibleGpus visible;
  if (visible.all() || device == nullptr) return real_nvml(function, index, device);
  // Before nvmlInit there is another answer than that there is no such device.
  unsigned count = 0;
  if (const nvmlReturn_t result = real_nvml(abi::k_nvmlDeviceGetCount_v2, &count); result != NVML_SUCCESS)
    return result;
  if (index >= visible.count()) return NVML_ERROR_INVALID_ARGUMENT;
  *device = visible.gpu(index);
  return NVML_SUCCESS;
}

// One that is not ours is not there.
nvmlReturn_t known(nvmlReturn_t result, const nvmlDevice_t* device) {
  if (result != NVML_SUCCESS) return result;
  return VisibleGpus().shows(*device) ? result : NVML_ERROR_NOT_FOUND;
}

}  // namespace

VGPU_NVML nvmlDeviceGetCount(unsigned* count) { return count_devices(abi::k_nvmlDeviceGetCount, count); }
VGPU_NVML nvmlDeviceGetCount_v2(unsigned* count) { return count_devices(abi::k_nvmlDeviceGetCount_v2, count); }
VGPU_NVML nvmlDeviceGetHandleByIndex(unsigned index, nvmlDevice_t* device) {
  return by_index(abi::k_nvmlDeviceGetHandleByIndex, index, device);
}
VGPU_NVML nvmlDeviceGetHandleByIndex_v2(unsigned index, nvmlDevice_t* device) {
  return by_index(abi::k_nvmlDeviceGetHandleByIndex_v2, index, device);
}
VGPU_NVML nvmlDeviceGetHandleByUUID(const char* uuid, nvmlDevice_t* device) {
  return known(real_nvml(abi::k_nvmlDeviceGetHandleByUUID, uuid, device), device);
}
VGPU_NVML nvmlDeviceGetHandleByUUIDV(const nvmlUUID_v1_t* uuid, nvmlDevice_t* device) {
  return known(real_nvml(abi::k_nvmlDeviceGetHandleByUUIDV, uuid, device), device);
}
VGPU_NVML nvmlDeviceGetHandleBySerial(const char* serial, nvmlDevice_t* device) {
  return known(real_nvml(abi::k_nvmlDeviceGetHandleBySerial, serial, device), device);
}
VGPU_NVML nvmlDeviceGetHandleByPciBusId(const char* address, nvmlDevice_t* device) {
  return known(real_nvml(abi::k_nvmlDeviceGetHandleByPciBusId, address, device), device);
}
VGPU_NVML nvmlDeviceGetHandleByPciBusId_v2(const char* address, nvmlDevice_t* device) {
  return known(real_nvml(abi::k_nvmlDeviceGetHandleByPciBusId_v2, address, device), device);
}
// Programs ask for 0, 1, 2... and pass over what is not found: the numbers of what is left stay.
VGPU_NVML nvmlDeviceGetMigDeviceHandleByIndex(nvmlDevice_t gpu, unsigned index, nvmlDevice_t* instance) {
  const nvmlReturn_t result = real_nvml(abi::k_nvmlDeviceGetMigDeviceHandleByIndex, gpu, index, instance);
  if (result != NVML_SUCCESS) return result;
  return VisibleGpus().shows_instance(*instance) ? result : NVML_ERROR_NOT_FOUND;
}
VGPU_NVML nvmlDeviceGetIndex(nvmlDevice_t device, unsigned* index) {
  const nvmlReturn_t result = real_nvml(abi::k_nvmlDeviceGetIndex, device, index);
  if (result != NVML_SUCCESS) return result;
  const VisibleGpus visible;
  if (visible.all()) return result;
  const int place = visible.place_of(device);
  if (place >= 0) *index = static_cast<unsigned>(place);
  return place >= 0 || visible.shows(device) ? result : NVML_ERROR_NOT_FOUND;
}
