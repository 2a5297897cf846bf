// The command line of vgpu-probe. One table: parsing, help, the manual page and completion (launcher/manual)
// come from it.
#pragma once

#include <span>
#include <string>

namespace vgpu::probe {

struct Option {
  const char* name;  // "--json"
  const char* help;
};

std::span<const Option> options();

// What --help and the manual page say beside the options.
struct Prose {
  const char* description;
  const char* exit_status;
};
const Prose& prose();

// What --help prints.
std::string help_text();

}  // namespace vgpu::probe
