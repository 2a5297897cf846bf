#include "shims/slice/nvml_call.h"

#include "shims/session/settings.h"

namespace vgpu::slice {
namespace {

int digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

bool bytes_of(const UuidName& text, unsigned char (&uuid)[16]) {
  int half = 0;
  for (const char* at = text + 4; *at != '\0' && half < 32; ++at) {
    if (*at == '-') continue;
    const int value = digit(*at);
    if (value < 0) return false;
    uuid[half / 2] = static_cast<unsigned char>(half % 2 == 0 ? value << 4 : uuid[half / 2] | value);
    ++half;
  }
  return half == 32;
}

}  // namespace

bool uuid_name(nvmlDevice_t device, UuidName& text) {
  text[0] = '\0';
  return real_nvml(abi::k_nvmlDeviceGetUUID, device, static_cast<char*>(text), static_cast<unsigned>(sizeof text)) ==
         NVML_SUCCESS;
}

int session_device(nvmlDevice_t device, session::Reader& reader, session::Failure& failure) {
  const char* path = session::session_path();
  UuidName name;
  unsigned char uuid[16] = {};
  if (path == nullptr || !reader.open(path, failure)) return -1;
  return uuid_name(device, name) && bytes_of(name, uuid) ? reader.find(uuid) : -1;
}

}  // namespace vgpu::slice
