// The Plan as JSON, for programs: a stable interface, described in docs/plan.md and config/schema/plan-1.json.
#pragma once

#include <string>
#include <string_view>

#include "launcher/plan/plan.h"

namespace vgpu::plan {

// One object and a newline. Valid JSON and valid UTF-8 whatever the Plan holds, see json_text.
std::string to_json(const Plan& plan);

// How a string of the machine (a path, an argument, a variable) stands in the JSON: as it is where it is UTF-8; a byte
// that is part of no UTF-8 character as U+0000 and two hexadecimal digits. Nothing is lost, and nothing is ambiguous,
// because none of those strings can hold a NUL; who forgets to decode gets an error from the kernel's door, not another
// file.
std::string json_text(std::string_view bytes);

}  // namespace vgpu::plan
