#include "launcher/plan/child_rules.h"

namespace vgpu::plan {
namespace {

void add(std::string& text, const char* key, const std::vector<std::string>& globs) {
  static constexpr char kDigits[] = "0123456789ABCDEF";
  for (const std::string& glob : globs) {
    text += key;
    for (const char c : glob) {
      const auto byte = static_cast<unsigned char>(c);
      if (byte > 0x20 && c != '%' && c != ',' && c != ';') {
        text += c;
      } else {
        text += {'%', kDigits[byte >> 4], kDigits[byte & 15]};
      }
    }
  }
}

}  // namespace

std::string child_rules(const std::vector<ChildRule>& rules) {
  std::string text;
  for (const ChildRule& rule : rules) {
    if (!text.empty()) text += ';';
    text += rule.action;
    add(text, ",p=", rule.match);
    add(text, ",a=", rule.arguments);
  }
  return text;
}

}  // namespace vgpu::plan
