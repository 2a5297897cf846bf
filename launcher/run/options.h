// The command line of vgpu-run and its twins in the environment. One table: parsing, help, the manual page and
// completion (launcher/manual) come from it.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "launcher/plan/plan.h"

namespace vgpu::run {

enum class Format { text, json, sh };

struct CommandLine {
  plan::Request request;
  bool dry_run = false;
  bool explain = false;
  bool verbose = false;
  bool help = false;
  bool version = false;
  Format format = Format::text;
};

struct Option {
  const char* name;      // "--manifest"
  char letter;           // 'v', 0: none
  const char* argument;  // "FILE"; null: a flag
  const char* variable;  // the twin, "VGPU_RUN_MANIFEST"; null: none
  const char* help;      // lines separated by '\n'
  bool list;             // the twin holds several values: separated by ',' ("VGPU_RUN_SET": by line feeds)
  // What completion offers for the value: words, or one of "@device", "@profile", "@shim", "@file"; null: nothing.
  const char* offers = nullptr;
};

std::span<const Option> options();

// What --help and the manual page say beside the options.
struct Prose {
  const char* synopsis;     // behind the program's name
  const char* description;  // lines of at most 110 characters
  const char* exit_status;
  std::span<const char* const> examples;
};
const Prose& prose();

// `arguments` as main gets them, with the program's name. The first operand ends the options. A list option adds to its
// twin, every other one goes before it. Under AT_SECURE (`trusted` false) the environment has no say.
// Errors: Code::usage, all at once.
plan::Result<CommandLine> parse_command_line(const std::vector<std::string>& arguments,
                                             const std::vector<std::string>& environment, bool trusted);

// What --help prints.
std::string help_text();

}  // namespace vgpu::run
