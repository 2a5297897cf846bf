// Text for troff: what the man(7) macros must not take for a request.
#pragma once

#include <string>
#include <string_view>

namespace vgpu::manual {

// Characters of running text: a '-' is one that can be pasted, a '\' is itself. UTF-8 beyond ASCII as
// \[uXXXX].
std::string roff(std::string_view text);
// In double quotes, for a macro's argument.
std::string roff_argument(std::string_view text);
// Paragraph text: lines of at most 78 characters, none of which begins with a request. `text` is roff()
// already.
std::string roff_filled(std::string_view text);
// Lines shown as they are. `first`: right behind a heading.
std::string roff_example(std::string_view text, bool first);
// ".TH ..."
std::string roff_title(const std::string& name, int section, const std::string& date, const std::string& version);

}  // namespace vgpu::manual
