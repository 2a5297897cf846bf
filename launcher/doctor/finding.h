// Something that is wrong, with what shows it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace vgpu::doctor {

enum class Severity { error, unknown, warning };  // worst first; unknown: it cannot be told whether it is one

// "error", "unknown", "warning"
std::string_view name(Severity severity);

// What was found, and where: a line of a file, a field of an ELF header, an entry of the environment.
struct Evidence {
  std::string file;        // a path, "environment", "process 17"; never empty
  unsigned line = 0;       // from 1; 0: not one line of it
  std::string value = {};  // as it stands there, or what the kernel says of it
};

struct Finding {
  std::string id;  // of the catalogue
  Severity severity = Severity::error;
  std::string where;  // what it is about: a path, a unit, a process; never empty
  std::string cause;  // one sentence, no full stop
  std::vector<Evidence> evidence = {};
  std::string fix = {};  // one imperative sentence, no full stop
};

using Findings = std::vector<Finding>;

}  // namespace vgpu::doctor
