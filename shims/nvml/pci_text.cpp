#include "shims/nvml/pci_text.h"

namespace vgpu::nvml {
namespace {

char* hexadecimal(char* at, unsigned value, int digits) {
  for (int i = digits - 1; i >= 0; --i, value >>= 4) at[i] = "0123456789ABCDEF"[value & 15];
  return at + digits;
}

int digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

bool take_number(std::string_view& text, unsigned& value) {
  value = 0;
  std::size_t length = 0;
  for (; length < text.size() && length < 8 && digit(text[length]) >= 0; ++length) {
    value = value << 4 | static_cast<unsigned>(digit(text[length]));
  }
  text.remove_prefix(length);
  return length > 0;
}

bool take(std::string_view& text, char c) {
  if (text.empty() || text.front() != c) return false;
  text.remove_prefix(1);
  return true;
}

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
