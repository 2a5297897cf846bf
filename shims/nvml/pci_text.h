// PCI addresses as NVML writes and reads them.
#pragma once

#include <string_view>

#include "shims/device/description.h"

namespace vgpu::nvml {

// "0000001B:00:00.0" with eight digits for the domain, "001B:..." with four (busIdLegacy), and the 0.
using PciText = char[20];
void format_pci(const device::Description& device, int domain_digits, PciText& text);

struct PciAddress {
  unsigned domain;
  unsigned bus;
  unsigned device;
};

// "[domain:]bus:device[.function]" in hexadecimal.
bool parse_pci(std::string_view text, PciAddress& address);

}  // namespace vgpu::nvml
