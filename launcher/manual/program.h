// A program, or a subcommand of one, as its manual page and its completion see it: from the tables that
// parsing goes by.
#pragma once

#include <string>
#include <vector>

namespace vgpu::manual {

struct Option {
  std::vector<std::string> names;  // "-v", "--verbose"
  std::string argument;            // "FILE"; empty: a flag
  std::string variable;            // the twin, "VGPU_RUN_MANIFEST"; empty: none
  std::string help;
  std::string group;   // a heading of its own in the manual page; empty: none
  std::string offers;  // for its value: words, or "@device", "@profile", "@shim", "@file", "@unit", "@pid"
  bool repeatable = false;
};

struct Operand {
  std::string name;
  std::string help;
  std::string offers;
  bool required = false;
};

// Whether a command stands among the operands, which is completed as one.
enum class Takes { no_command, a_command, a_command_behind_dashes };

struct Section {
  std::string title;              // "EXIT STATUS"
  std::vector<std::string> text;  // paragraphs; one that begins with a space is shown line by line
};

struct Program {
  std::vector<std::string> words;  // {"vgpuctl", "systemd", "install"}
  std::string summary;
  std::string synopsis;  // behind the words
  std::vector<std::string> description;
  std::vector<Option> options;
  std::vector<Operand> operands;
  Takes takes = Takes::no_command;
  std::vector<Program> subcommands;
  std::vector<Section> sections;
  std::vector<std::string> see_also;  // "vgpu-run(1)"

  std::string name(char separator) const;  // its words: "vgpuctl-systemd"
};

Program vgpu_run();
Program vgpuctl();
Program vgpu_probe();

}  // namespace vgpu::manual
