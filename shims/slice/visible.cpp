#include "shims/slice/visible.h"

#include <stdlib.h>
#include <string.h>

#include <string_view>

#include "shims/contract.h"
#include "shims/device/setting.h"
#include "shims/session/layout.h"

namespace vgpu::slice {
namespace {

constexpr char kCudaVariable[] = "CUDA_VISIBLE_DEVICES";
constexpr int kNone = -1;

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

std::string_view next_entry(std::string_view& rest, bool& more) {
  const std::size_t comma = rest.find(',');
  const std::string_view entry = trimmed(rest.substr(0, comma));
  more = comma != std::string_view::npos;
  rest.remove_prefix(more ? comma + 1 : rest.size());
  return entry;
}

char lower(char c) { return c >= 'A' && c <= 'F' ? static_cast<char>(c - 'A' + 'a') : c; }

// One begins with the other: either may be written in part.
bool same_uuid(std::string_view a, std::string_view b) {
  const std::size_t length = a.size() < b.size() ? a.size() : b.size();
  if (length <= 4) return false;
  for (std::size_t i = 0; i < length; ++i) {
    if (lower(a[i]) != lower(b[i])) return false;
  }
  return true;
}

struct List {
  std::string_view uuids[session::kDevices];
  int count = 0;
};

List read(const char* text) {
  List list;
  std::string_view rest(text);
  for (bool more = true; more && list.count < session::kDevices;) list.uuids[list.count++] = next_entry(rest, more);
  return list;
}

int find(const List& list, std::string_view entry) {
  if (entry.empty()) return kNone;
  int number = 0;
  bool digits = true;
  for (const char c : entry) {
    digits = digits && c >= '0' && c <= '9';
    if (digits && number <= session::kDevices) number = number * 10 + (c - '0');
  }
  if (digits) return number < list.count ? number : kNone;
  int found = kNone;
  for (int i = 0; i < list.count; ++i) {
    if (!same_uuid(list.uuids[i], entry)) continue;
    if (found != kNone) return kNone;
    found = i;
  }
  return found;
}

}  // namespace

bool visible_list(const char* outer, const char* inner, char* text, unsigned long room) {
  const List all = read(outer);
  List chosen = all;
  if (inner != nullptr) {
    chosen.count = 0;
    bool taken[session::kDevices] = {};
    std::string_view rest(inner);
    for (bool more = true; more;) {
      const int place = find(all, next_entry(rest, more));
      if (place == kNone) break;
      if (taken[place]) {
        chosen.count = 0;
        break;
      }
      taken[place] = true;
      chosen.uuids[chosen.count++] = all.uuids[place];
    }
  }
  std::size_t length = 0;
  for (int i = 0; i < chosen.count; ++i) {
    const std::string_view uuid = chosen.uuids[i];
    if (length + uuid.size() + 2 > room) return false;
    if (i != 0) text[length++] = ',';
    memcpy(text + length, uuid.data(), uuid.size());
    length += uuid.size();
  }
  text[length] = '\0';
  return true;
}

void choose_visible() {
  const char* outer = setting(contract::kVisible);
  if (outer == nullptr || *outer == '\0') return;
  const char* inner = getenv(kCudaVariable);
  char text[session::kDevices * 64];
  // What does not fit is no list of ours: rather no GPU than all of them.
  if (!visible_list(outer, inner, text, sizeof text)) text[0] = '\0';
  if (inner == nullptr || strcmp(inner, text) != 0) setenv(kCudaVariable, text, 1);
}

}  // namespace vgpu::slice
