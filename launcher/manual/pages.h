// What is written: manual pages in the man(7) macros, completion for three shells.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "launcher/manual/program.h"

namespace vgpu::manual {

struct Release {
  std::string version;  // "0.1.0"
  std::string date;     // "2026-11-25"
};

// Section 1. Subcommands of subcommands are sections of the page.
std::string man_page(const Program& program, const Release& release);
// A page of the documentation, in the Markdown that docs/ is written in: headings, paragraphs, lists, tables,
// code.
std::string man_page_of_markdown(std::string_view markdown, const std::string& name, int section,
                                 const Release& release);

// One file for all programs.
std::string bash_completion(const std::vector<Program>& programs);
std::string zsh_completion(const std::vector<Program>& programs);
// fish wants a file for each program.
std::string fish_completion(const Program& program);

}  // namespace vgpu::manual
