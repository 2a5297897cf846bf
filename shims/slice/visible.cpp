#include "shims/slice/visible.h"

#include <stdlib.h>
#include <string.h>

#include <string_view>

#include "shims/contract.h"
#include "shims/device/setting.h"
#include "shims/device/visible_devices.h"

namespace vgpu::slice {
namespace {

constexpr char kCudaVariable[] = "CUDA_VISIBLE_DEVICES";
// Of VGPU_VISIBLE; UUIDs may be written in part where nobody knew the rest.
struct List {
  std::string_view names[device::kMaxDevices];
  device::UuidDigits uuids[device::kMaxDevices];
  int count = 0;
};

List read(const char* text) {
  List list;
  std::string_view rest(text);
  while (!rest.empty() && list.count < device::kMaxDevices) {
    const std::size_t comma = rest.find(',');
    list.names[list.count] = rest.substr(0, comma);
    list.uuids[list.count] = device::uuid_digits(list.names[list.count]);
    ++list.count;
    rest.remove_prefix(comma == std::string_view::npos ? rest.size() : comma + 1);
  }
  return list;
}

}  // namespace

bool visible_list(const char* outer, const char* inner, char* text, unsigned long room) {
  const List all = read(outer);
  int chosen[device::kMaxDevices];
  int count = device::visible_devices(all.uuids, all.count, inner, chosen);
  // The driver refuses that, and it is its affair how.
  if (count == device::kNamedTwice) {
    chosen[0] = chosen[1] = 0;
    count = 2;
  }
  std::size_t length = 0;
  for (int i = 0; i < count; ++i) {
    const std::string_view name = all.names[chosen[i]];
    if (length + name.size() + 2 > room) return false;
    if (i != 0) text[length++] = ',';
    memcpy(text + length, name.data(), name.size());
    length += name.size();
  }
  text[length] = '\0';
  return true;
}

VisibleToDriver::VisibleToDriver() {
  const char* outer = setting(contract::kVisible);
  if (outer == nullptr || *outer == '\0') return;
  programs_ = getenv(kCudaVariable);  // stays where it is: setenv frees nothing
  char text[device::kMaxDevices * 64];
  // What does not fit is no list of ours: rather no GPU than all of them.
  if (!visible_list(outer, programs_, text, sizeof text)) text[0] = '\0';
  if (programs_ != nullptr && strcmp(programs_, text) == 0) return;
  told_ = changed_ = setenv(kCudaVariable, text, 1) == 0;
}

VisibleToDriver::~VisibleToDriver() {
  if (!changed_) return;
  if (programs_ != nullptr) {
    setenv(kCudaVariable, programs_, 1);
  } else {
    unsetenv(kCudaVariable);
  }
}

}  // namespace vgpu::slice
