#include "launcher/plan/reasons.h"

#include <algorithm>

namespace vgpu::plan {

std::vector<std::string> grouped(const std::vector<std::string>& reasons) {
  struct Group {
    std::string start, names, why;
  };
  std::vector<Group> groups;
  for (const std::string& reason : reasons) {
    const std::size_t space = reason.find(' ');
    const std::size_t colon = reason.find(": ");
    Group made{reason, {}, {}};
    if ((reason.starts_with("before ") || reason.starts_with("after ")) &&
        (colon == std::string::npos || colon > space)) {
      const std::size_t end = std::min(colon, reason.size());
      made = {reason.substr(0, space), reason.substr(space + 1, end - space - 1), reason.substr(end)};
    }
    const auto same = std::find_if(groups.begin(), groups.end(), [&](const Group& other) {
      return !made.names.empty() && other.start == made.start && other.why == made.why;
    });
    if (same == groups.end()) {
      groups.push_back(std::move(made));
    } else {
      same->names.append(", ").append(made.names);
    }
  }
  std::vector<std::string> texts;
  for (const Group& group : groups)
    texts.push_back(group.names.empty() ? group.start : group.start + " " + group.names + group.why);
  return texts;
}

}  // namespace vgpu::plan
