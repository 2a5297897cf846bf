#include "shims/slice/devices.h"

#include <string.h>

#include <atomic>

#include "shims/device/description.h"
#include "shims/device/lock.h"
#include "shims/device/log.h"

namespace vgpu::slice {
namespace {

using cuda::CUDA_SUCCESS;

constexpr int kPciBus = 33;     // CU_DEVICE_ATTRIBUTE_PCI_BUS_ID
constexpr int kPciDevice = 34;  // ..._PCI_DEVICE_ID
constexpr int kPciDomain = 50;  // ..._PCI_DOMAIN_ID

struct Gpu {
  CUdevice handle;
  std::uint64_t address;  // domain, bus, device
  std::uint64_t memory;
  unsigned char uuid[16];
  char name[64];
};

constinit device::System described = {};
constinit Gpu gpus[device::kMaxDevices] = {};
constinit int count = 0;
constinit std::atomic<bool> known = false;
constinit device::Mutex learning;

std::uint64_t attribute(CUdevice device, int which) {
  int value = 0;
  return real(abi::k_cuDeviceGetAttribute, &value, which, device) == CUDA_SUCCESS ? static_cast<std::uint64_t>(value)
                                                                                  : 0;
}

bool ask(int ordinal, Gpu& gpu) {
  if (real(abi::k_cuDeviceGet, &gpu.handle, ordinal) != CUDA_SUCCESS) return false;
  std::size_t memory = 0;
  if (real(abi::k_cuDeviceTotalMem_v2, &memory, gpu.handle) != CUDA_SUCCESS) return false;
  gpu.memory = memory;
  // With _v2 a MIG instance has a UUID of its own; drivers before 11.4 have no _v2.
  cuda::CUuuid uuid = {};
  const unsigned newer =
      real_address(abi::k_cuDeviceGetUuid_v2) != nullptr ? abi::k_cuDeviceGetUuid_v2 : abi::k_cuDeviceGetUuid;
  if (real(newer, &uuid, gpu.handle) != CUDA_SUCCESS) return false;
  memcpy(gpu.uuid, uuid.bytes, sizeof gpu.uuid);
  real(abi::k_cuDeviceGetName, static_cast<char*>(gpu.name), static_cast<int>(sizeof gpu.name), gpu.handle);
  gpu.address =
      attribute(gpu.handle, kPciDomain) << 32 | attribute(gpu.handle, kPciBus) << 8 | attribute(gpu.handle, kPciDevice);
  return true;
}

void describe(const Gpu& gpu, device::Description& to) {
  to.memory = gpu.memory;
  memcpy(to.uuid, gpu.uuid, sizeof to.uuid);
  to.pci_domain = static_cast<unsigned>(gpu.address >> 32);
  to.pci_bus = static_cast<unsigned>(gpu.address >> 8 & 0xff);
  to.pci_device = static_cast<unsigned>(gpu.address & 0xff);
  std::size_t length = 0;
  for (; length + 1 < sizeof to.name && gpu.name[length] != '\0'; ++length) to.name[length] = gpu.name[length];
  to.name[length] = '\0';
}

void number_all() {
  // Insertion sort; instances of one GPU, whose address is the same, by UUID.
  for (int i = 1; i < count; ++i) {
    for (int k = i; k > 0; --k) {
      const Gpu& left = gpus[k - 1];
      const Gpu& right = gpus[k];
      if (left.address < right.address || (left.address == right.address && memcmp(left.uuid, right.uuid, 16) <= 0))
        break;
      const Gpu moved = gpus[k];
      gpus[k] = gpus[k - 1];
      gpus[k - 1] = moved;
    }
  }
  described.count = count;
  for (int i = 0; i < count; ++i) describe(gpus[i], described.devices[i]);
}

bool learn() {
  int devices = 0;
  if (real(abi::k_cuDeviceGetCount, &devices) != CUDA_SUCCESS) devices = 0;
  if (devices > device::kMaxDevices) {
    log::line(log::Level::error, kLibraryName, {"no device: a session has room for 16, and here are more"});
    return false;
  }
  count = 0;
  for (int i = 0; i < devices; ++i) {
    if (!ask(i, gpus[count])) {
      log::line(log::Level::error, kLibraryName,
                {"no device: the driver does not tell what device ", log::Number(i).text(), " is"});
      return false;
    }
    ++count;
  }
  number_all();
  return true;
}

}  // namespace

bool learn_devices() {
  if (known.load(std::memory_order_acquire)) return true;
  const device::Guard guard(learning);
  if (known.load(std::memory_order_relaxed)) return true;
  if (!learn()) return false;
  known.store(true, std::memory_order_release);
  return true;
}

int number_of(CUdevice device) {
  if (!known.load(std::memory_order_acquire)) return -1;
  for (int i = 0; i < count; ++i) {
    if (gpus[i].handle == device) return i;
  }
  return -1;
}

CUdevice handle_of(int number) {
  if (!known.load(std::memory_order_acquire)) return -1;
  return number >= 0 && number < count ? gpus[number].handle : -1;
}

int current_number() {
  CUdevice device = -1;
  return real(abi::k_cuCtxGetDevice, &device) == CUDA_SUCCESS ? number_of(device) : -1;
}

}  // namespace vgpu::slice

namespace vgpu::device {

const System& system() { return slice::described; }
const char* system_failure() { return ""; }

}  // namespace vgpu::device
