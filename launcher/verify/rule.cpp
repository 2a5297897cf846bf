#include "launcher/verify/rule.h"

#include "launcher/verify/records.h"
#include "shims/propagate/rules.h"

namespace vgpu::verify {

std::string rule_text(const std::string& rules, const std::string& executable,
                      const std::vector<std::string>& arguments) {
  std::vector<std::string> words = arguments;
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  const propagate::Text list{rules.data(), rules.size()};
  switch (propagate::rule_for(list, executable.c_str(), argv.data())) {
    case propagate::Rule::leave: return text(propagate::Reason::rule_leave);
    case propagate::Rule::hide: return text(propagate::Reason::rule_hide);
    case propagate::Rule::none:
    case propagate::Rule::inject: break;
  }
  return {};
}

}  // namespace vgpu::verify
