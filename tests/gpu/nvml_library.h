// For the tests of libvgpu-nvml: the driver shim and NVML, opened once as LD_PRELOAD would have them, on the devices
// that NVML_TEST_DEVICES names ("h100", "a100:4"), which is spelled as behind --emulate.
#pragma once

#include <dlfcn.h>
#include <doctest/doctest.h>

#include <cstdlib>
#include <string>

#include "launcher/os/real_machine.h"
#include "launcher/plan/device.h"
#include "shims/device/description.h"
#include "shims/nvml/types.h"

namespace vgpu::test {

using namespace vgpu::nvml;

struct Libraries {
  void* driver;
  void* nvml;
  device::System system;  // what both must agree with

  Libraries() {
    const char* given = std::getenv("NVML_TEST_DEVICES");
    const auto device = plan::resolve_device(os::RealMachine(), given != nullptr ? given : "h100", VGPU_CONFIG_DIR);
    REQUIRE(device.has_value());
    char reason[200] = "";
    REQUIRE(device::parse(device->wire, system, reason, sizeof reason));
    setenv("VGPU_DEVICE", device->wire.c_str(), 1);
    driver = dlopen(VGPU_CUDA_PATH, RTLD_NOW | RTLD_GLOBAL);
    nvml = dlopen(VGPU_NVML_PATH, RTLD_NOW | RTLD_LOCAL);
    REQUIRE(driver != nullptr);
    REQUIRE(nvml != nullptr);
  }
};

inline const Libraries& libraries() {
  static const Libraries opened;
  return opened;
}

// nvml("nvmlDeviceGetCount_v2", &count): the caller passes exactly the parameter types of the API.
template <class... Arguments>
int nvml(const char* name, Arguments... arguments) {
  void* function = dlsym(libraries().nvml, name);
  REQUIRE_MESSAGE(function != nullptr, name);
  return reinterpret_cast<int (*)(Arguments...)>(function)(arguments...);
}

template <class... Arguments>
int cuda(const char* name, Arguments... arguments) {
  void* function = dlsym(libraries().driver, name);
  REQUIRE_MESSAGE(function != nullptr, name);
  return reinterpret_cast<int (*)(Arguments...)>(function)(arguments...);
}

// Initialised for one test.
struct Session {
  Session() { REQUIRE(nvml("nvmlInit_v2") == NVML_SUCCESS); }
  ~Session() { nvml("nvmlShutdown"); }
  int count() const { return libraries().system.count; }
  nvmlDevice_t device(unsigned index = 0) const {
    nvmlDevice_t device = nullptr;
    REQUIRE(nvml("nvmlDeviceGetHandleByIndex_v2", index, &device) == NVML_SUCCESS);
    return device;
  }
};

template <class Value>
Value told(const char* name, nvmlDevice_t device) {
  Value value = {};
  INFO(name);
  CHECK(nvml(name, device, &value) == NVML_SUCCESS);
  return value;
}

inline std::string told_text(const char* name, nvmlDevice_t device) {
  char text[96] = "";
  INFO(name);
  CHECK(nvml(name, device, static_cast<char*>(text), static_cast<unsigned>(sizeof text)) == NVML_SUCCESS);
  return text;
}

}  // namespace vgpu::test
