#include "shims/nvml/pci_text.h"

#include "shims/device/pci_number.h"

namespace vgpu::nvml {
namespace {

char* hexadecimal(char* at, unsigned value, int digits) {
  for (int i = digits - 1; i >= 0; --i, value >>= 4) at[i] = "0123456789ABCDEF"[value & 15];
  return at + digits;
}

using device::take;
using device::take_number;

}  // namespace

void format_pci(const device::Description& device, int domain_digits, PciText& text) {
  char* at = hexadecimal(text, device.pci_domain, domain_digits);
  *at++ = ':';
  at = hexadecimal(at, device.pci_bus, 2);
  *at++ = ':';
  at = hexadecimal(at, device.pci_device, 2);
  *at++ = '.';
  *at++ = '0';
  *at = '\0';
}

bool parse_pci(std::string_view text, PciAddress& address) {
  unsigned first = 0;
  unsigned second = 0;
  if (!take_number(text, first) || !take(text, ':') || !take_number(text, second)) return false;
  address = {0, first, second};
  if (take(text, ':')) {
    address.domain = first;
    address.bus = second;
    if (!take_number(text, address.device)) return false;
  }
  unsigned function = 0;
  if (take(text, '.') && !take_number(text, function)) return false;
  return text.empty() && function == 0;
}

}  // namespace vgpu::nvml
