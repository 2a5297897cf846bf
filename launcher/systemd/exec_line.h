// The commands of an ExecStart=: systemd.service(5), "Command lines".
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "launcher/systemd/unit_words.h"

namespace vgpu::systemd {

struct ExecCommand {
  std::string text;            // as written, with prefixes, one line
  std::string prefixes;        // of "-@:+!"
  std::string program;         // specifiers are still in it
  std::string argv0;           // as written, quotes and all; only with prefix '@'
  std::string arguments_text;  // as written
  std::vector<UnitWord> arguments;

  bool has(char prefix) const { return prefixes.find(prefix) != std::string::npos; }
};

struct ExecCommands {
  std::vector<ExecCommand> commands;
  std::string error;  // one clause: systemd would not take the line
};

ExecCommands parse_exec_line(std::string_view value);

// The same command behind a launcher: prefixes stay in front, arguments stay byte for byte as they were written, so
// that their specifiers and variables are expanded as before. `program`: the command's program as the launcher is to
// find it, specifiers in it. `launcher`: the launcher's path and its options, without "--".
std::string wrapped(const ExecCommand& command, std::string_view program, const std::vector<std::string>& launcher);

}  // namespace vgpu::systemd
