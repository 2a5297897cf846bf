// Calls of a function that was found by name.
#pragma once

#include <string>

#include "launcher/probe/doors.h"

namespace vgpu::probe {

// Calls functions by name until one fails; then `answer.error` has its name and what it returned, and the
// rest is skipped.
class Caller {
 public:
  Caller(const Resolver& resolve, Answer& answer) : resolve_(resolve), answer_(answer) {}

  // True when the function was there and returned 0. Arguments must have exactly the types of the API.
  template <class... Arguments>
  bool operator()(const char* name, Arguments... arguments) {
    if (!answer_.error.empty()) return false;
    void* function = resolve_(name);
    if (function == nullptr) {
      answer_.error = std::string("no ") + name + " there";
      return false;
    }
    const int result = reinterpret_cast<int (*)(Arguments...)>(function)(arguments...);
    if (result != 0) answer_.error = std::string(name) + " returned " + std::to_string(result);
    return result == 0;
  }

 private:
  const Resolver& resolve_;
  Answer& answer_;
};

// "GPU-..." of 16 bytes.
std::string uuid_text(const unsigned char* bytes);

// A PCI address as everybody writes it: domain of four digits, small letters ("00000000:1B:00.0" of NVML,
// "0000:1b:00.0").
std::string pci_text(unsigned domain, unsigned bus, unsigned device);
std::string pci_text(const std::string& given);

// 13000: "13.0"
std::string cuda_version_text(int version);

}  // namespace vgpu::probe
