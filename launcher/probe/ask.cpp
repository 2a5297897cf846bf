// The questions: what discovery asks in every framework, by the ABI of cuda.h, cuda_runtime_api.h and nvml.h.
#include <array>
#include <cctype>
#include <cstdint>
#include <cstdio>
#include <cstring>

#include "launcher/probe/call.h"

namespace vgpu::probe {

std::string uuid_text(const unsigned char* bytes) {
  std::string text = "GPU-";
  for (int i = 0; i < 16; ++i) {
    char two[3];
    std::snprintf(two, sizeof two, "%02x", bytes[i]);
    if (i == 4 || i == 6 || i == 8 || i == 10) text += '-';
    text += two;
  }
  return text;
}

std::string pci_text(unsigned domain, unsigned bus, unsigned device) {
  char text[40];
  std::snprintf(text, sizeof text, "%04x:%02x:%02x.0", domain, bus, device);
  return text;
}

std::string pci_text(const std::string& given) {
  unsigned domain = 0;
  unsigned bus = 0;
  unsigned device = 0;
  return std::sscanf(given.c_str(), "%x:%x:%x", &domain, &bus, &device) == 3 ? pci_text(domain, bus, device) : given;
}

std::string cuda_version_text(int version) {
  return std::to_string(version / 1000) + '.' + std::to_string(version % 1000 / 10);
}

void ask_driver(const Resolver& resolve, Answer& answer) {
  Caller call(resolve, answer);
  int version = 0;
  int count = 0;
  call("cuInit", 0U);
  if (call("cuDriverGetVersion", &version)) answer.version = "CUDA " + cuda_version_text(version);
  call("cuDeviceGetCount", &count);
  for (int ordinal = 0; ordinal < count && answer.error.empty(); ++ordinal) {
    int handle = 0;
    std::array<char, 256> name = {};
    std::array<unsigned char, 16> uuid = {};
    std::array<char, 32> pci = {};
    std::size_t memory = 0;
    int major = 0;
    int minor = 0;
    constexpr int kMajor = 75;  // CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR
    constexpr int kMinor = 76;
    call("cuDeviceGet", &handle, ordinal);
    call("cuDeviceGetName", name.data(), static_cast<int>(name.size()), handle);
    call("cuDeviceGetUuid_v2", uuid.data(), handle);
    call("cuDeviceGetPCIBusId", pci.data(), static_cast<int>(pci.size()), handle);
    call("cuDeviceTotalMem_v2", &memory, handle);
    call("cuDeviceGetAttribute", &major, kMajor, handle);
    call("cuDeviceGetAttribute", &minor, kMinor, handle);
    answer.devices.push_back({name.data(), uuid_text(uuid.data()), pci_text(pci.data()), memory,
                              std::to_string(major) + '.' + std::to_string(minor)});
  }
}

// Of cudaDeviceProp only members are read that stand at the same place in the structures of 12 and 13.
void ask_runtime(const Resolver& resolve, Answer& answer) {
  Caller call(resolve, answer);
  int version = 0;
  int count = 0;
  if (call("cudaRuntimeGetVersion", &version)) answer.version = "runtime " + cuda_version_text(version);
  call("cudaGetDeviceCount", &count);
  for (int ordinal = 0; ordinal < count && answer.error.empty(); ++ordinal) {
    std::array<char, 4096> properties = {};
    std::array<char, 32> pci = {};
    std::uint64_t memory = 0;
    std::array<int, 2> capability = {};
    const bool has_v2 = resolve("cudaGetDeviceProperties_v2") != nullptr;
    call(has_v2 ? "cudaGetDeviceProperties_v2" : "cudaGetDeviceProperties", properties.data(), ordinal);
    call("cudaDeviceGetPCIBusId", pci.data(), static_cast<int>(pci.size()), ordinal);
    std::memcpy(&memory, &properties[288], sizeof memory);
    std::memcpy(&capability, &properties[360], sizeof capability);
    answer.devices.push_back({std::string(properties.data(), strnlen(properties.data(), 256)),
                              uuid_text(reinterpret_cast<const unsigned char*>(&properties[256])), pci_text(pci.data()),
                              memory, std::to_string(capability[0]) + '.' + std::to_string(capability[1])});
  }
}

void ask_nvml(const Resolver& resolve, Answer& answer) {
  struct Pci {  // nvmlPciInfo_t
    char legacy[16];
    unsigned domain, bus, device, device_id, subsystem_id;
    char text[32];
  };
  struct Memory {  // nvmlMemory_t
    unsigned long long total, free, used;
  };
  Caller call(resolve, answer);
  std::array<char, 96> version = {};
  unsigned count = 0;
  call("nvmlInit_v2");
  if (call("nvmlSystemGetDriverVersion", version.data(), static_cast<unsigned>(version.size()))) {
    answer.version = std::string("driver ") + version.data();
  }
  call("nvmlDeviceGetCount_v2", &count);
  for (unsigned index = 0; index < count && answer.error.empty(); ++index) {
    void* handle = nullptr;
    std::array<char, 128> name = {};
    std::array<char, 128> uuid = {};
    Pci pci = {};
    Memory memory = {};
    int major = 0;
    int minor = 0;
    call("nvmlDeviceGetHandleByIndex_v2", index, &handle);
    call("nvmlDeviceGetName", handle, name.data(), static_cast<unsigned>(name.size()));
    call("nvmlDeviceGetUUID", handle, uuid.data(), static_cast<unsigned>(uuid.size()));
    call("nvmlDeviceGetPciInfo_v3", handle, &pci);
    call("nvmlDeviceGetMemoryInfo", handle, &memory);
    call("nvmlDeviceGetCudaComputeCapability", handle, &major, &minor);
    answer.devices.push_back({name.data(), uuid.data(), pci_text(pci.domain, pci.bus, pci.device), memory.total,
                              std::to_string(major) + '.' + std::to_string(minor)});
  }
  call("nvmlShutdown");
}

}  // namespace vgpu::probe
