#include "launcher/manual/program.h"

#include <CLI/CLI.hpp>
#include <algorithm>

#include "launcher/ctl/command_line.h"
#include "launcher/doctor/ids.h"
#include "launcher/probe/options.h"
#include "launcher/run/options.h"

namespace vgpu::manual {
namespace {

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    lines.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return lines;
}

std::string filled(const std::string& text) {
  std::string result;
  for (const std::string& line : lines_of(text)) result.append(result.empty() ? "" : " ").append(line);
  return result;
}

// "TEXT:{wrap,environment}": what CLI11 calls a value that is one of a set.
std::string members(const std::string& type) {
  const std::size_t open = type.find(":{");
  if (open == std::string::npos) return {};
  std::string words = type.substr(open + 2, type.find('}', open) - open - 2);
  std::replace(words.begin(), words.end(), ',', ' ');
  return words;
}

std::string offers_of(const std::string& name, const std::string& type) {
  if (const std::string words = members(type); !words.empty()) return words;
  for (const run::Option& option : run::options()) {
    if (name == option.name) return option.offers != nullptr ? option.offers : "";
  }
  if (name == "--unit" || name == "UNIT") return "@unit";
  if (name == "PID") return "@pid";
  if (name == "--explain") {
    std::string words;
    for (const std::string_view id : doctor::ids()) words.append(words.empty() ? "" : " ").append(id);
    return words;
  }
  const bool file = type == "FILE" || type == "DIR" || type == "PATH";
  return file ? "@file" : "";
}

Option describe(const CLI::Option& known, const std::string& default_group) {
  Option option;
  for (const std::string& name : known.get_snames()) option.names.push_back("-" + name);
  for (const std::string& name : known.get_lnames()) option.names.push_back("--" + name);
  option.help = known.get_description();
  if (const std::size_t twin = option.help.find(" [VGPU_RUN_");
      twin != std::string::npos && option.help.ends_with(']')) {
    option.variable = option.help.substr(twin + 2, option.help.size() - twin - 3);
    option.help.resize(twin);
  }
  option.group = known.get_group() == default_group ? "" : known.get_group();
  option.repeatable = known.get_multi_option_policy() == CLI::MultiOptionPolicy::TakeAll;
  if (known.get_items_expected_max() == 0) return option;
  const std::string type = known.get_type_name();
  std::size_t end = type.find(":{");  // what CLI11 adds for its checks: "TEXT:{a,b}", "SECONDS:UINT in [1 - 600]"
  if (const std::size_t range = type.find(" in ["); range != std::string::npos) end = type.rfind(':', range);
  option.argument = type.substr(0, end);
  if (option.argument == "TEXT" || option.argument == "UINT") option.argument = "VALUE";
  option.offers = offers_of(option.names.back(), type);
  if (const std::string words = members(type); !words.empty()) {
    option.argument = words;
    std::replace(option.argument.begin(), option.argument.end(), ' ', '|');
  }
  if (!known.get_default_str().empty())
    option.help.append("; ").append(known.get_default_str()).append(" if not given");
  return option;
}

// What stands below the options in --help: text, and what it says about the exit status.
void add_footer(Program& program, const std::string& footer) {
  std::string text = filled(footer);
  std::string status;
  constexpr char kStatus[] = "Exit status: ";
  if (const std::size_t at = text.find(kStatus); at != std::string::npos) {
    status = text.substr(at + sizeof kStatus - 1);
    text.resize(at);
  }
  while (!text.empty() && text.back() == ' ') text.pop_back();
  if (!text.empty()) program.description.push_back(text);
  if (!status.empty()) program.sections.push_back({"EXIT STATUS", {status}});
}

Program describe(const CLI::App& app, std::vector<std::string> words) {
  Program program;
  program.words = std::move(words);
  program.summary = app.get_description();
  if (program.words.size() > 1) program.description.push_back(program.summary + ".");
  for (const CLI::Option* known : app.get_options()) {
    const bool operand = known->get_lnames().empty() && known->get_snames().empty();
    if (!operand) {
      program.options.push_back(describe(*known, "Options"));
      continue;
    }
    const std::string name = known->get_name(true);
    if (name == "COMMAND") continue;  // it is in the synopsis
    program.operands.push_back(
        {name, known->get_description(), offers_of(name, known->get_type_name()), known->get_required()});
  }
  for (const CLI::App* sub : app.get_subcommands({})) {
    std::vector<std::string> longer = program.words;
    longer.push_back(sub->get_name());
    program.subcommands.push_back(describe(*sub, longer));
  }
  program.synopsis = "[OPTIONS]";
  for (const Operand& operand : program.operands) {
    program.synopsis.append(operand.required ? " " + operand.name : " [" + operand.name + "]");
  }
  if (!program.subcommands.empty()) program.synopsis = "SUBCOMMAND ...";
  add_footer(program, app.get_footer());
  program.see_also = {"vgpu-run(1)", "vgpuctl(1)", "vgpu-run-manifest(5)"};
  return program;
}

}  // namespace

std::string Program::name(char separator) const {
  std::string text;
  for (const std::string& word : words) text.append(text.empty() ? "" : std::string(1, separator)).append(word);
  return text;
}

Program vgpu_run() {
  Program program;
  program.words = {"vgpu-run"};
  program.summary = "run a program, and every process it starts, on a virtual GPU";
  program.synopsis = run::prose().synopsis;
  program.description = {
      filled(run::prose().description),
      "On a machine without a GPU the device is emulated: discovery, memory and management work, compute "
      "refuses loudly. With an "
      "NVIDIA driver it is a slice of the real GPU, with a memory quota for the whole process tree.",
      "vgpu-run never stays: the command has its process, its signals, its descriptors and its exit status. "
      "A shim that would not "
      "load stops the launch before it, with the cause and the fix. The first word that is no option ends "
      "the options."};
  for (const run::Option& known : run::options()) {
    Option option;
    if (known.letter != 0) option.names.push_back(std::string("-").append(1, known.letter));
    option.names.emplace_back(known.name);
    option.argument = known.argument != nullptr ? known.argument : "";
    option.variable = known.variable != nullptr ? known.variable : "";
    option.help = known.help;
    option.offers = known.offers != nullptr ? known.offers : "";
    option.repeatable = known.list;
    program.options.push_back(std::move(option));
  }
  program.takes = Takes::a_command;
  std::string examples;
  for (const char* example : run::prose().examples) examples.append(examples.empty() ? " " : "\n ").append(example);
  program.sections = {
      {"EXIT STATUS", {filled(run::prose().exit_status)}},
      {"ENVIRONMENT",
       {"Each option's variable is named with it and says the same; the option goes before it, and an empty "
        "one is as good as none. "
        "For a flag it is 1 or 0. They do not count where vgpu-run was started with raised rights.",
        "VGPU_LOG=info makes the shims write one line on stderr for what they refuse or cannot carry on, "
        "VGPU_LOG=debug for every "
        "call and child."}},
      {"FILES",
       {"share/vgpu-run/manifest.json of the tree that vgpu-run stands in, then *.json of "
        "share/vgpu-run/manifest.d beside it, "
        "/usr/share/vgpu-run/manifest.d, /etc/vgpu-run/manifest.d and ~/.config/vgpu-run/manifest.d: see "
        "vgpu-run-manifest(5).",
        "share/vgpu-run/devices: the descriptions that --emulate takes by name."}},
      {"EXAMPLES", {examples}},
  };
  program.see_also = {"vgpuctl(1)", "vgpu-probe(1)", "vgpu-run-manifest(5)", "ld.so(8)"};
  return program;
}

Program vgpuctl() {
  ctl::Grammar grammar;
  Program program = describe(grammar.app, {"vgpuctl"});
  program.summary = "explain, check and export what vgpu-run does";
  program.description.insert(program.description.begin(), filled(grammar.app.get_description()));
  program.sections = {
      {"EXIT STATUS",
       {"0 what was asked about holds, 1 it does not, 2 it cannot be told, 125 vgpuctl itself failed."}}};
  for (std::size_t i = 0; i < program.subcommands.size(); ++i) {
    Program& sub = program.subcommands[i];
    const ctl::Command& command = *grammar.commands[i];
    if (command.is_about_a_launch()) {
      sub.takes = Takes::a_command;
      sub.synopsis += " [--] COMMAND [ARG...]";
    } else if (command.takes_a_command()) {
      sub.takes = Takes::a_command_behind_dashes;
      sub.synopsis += " [-- COMMAND [ARG...]]";
    }
    program.see_also.push_back(sub.name('-') + "(1)");
  }
  std::erase(program.see_also, "vgpuctl(1)");
  return program;
}

Program vgpu_probe() {
  Program program;
  program.words = {"vgpu-probe"};
  program.summary = "ask CUDA and NVML which GPUs there are, through every door";
  program.synopsis = "[OPTIONS]";
  program.description = {filled(probe::prose().description)};
  for (const probe::Option& known : probe::options())
    program.options.push_back({{known.name}, "", "", known.help, "", "", false});
  program.sections = {{"EXIT STATUS", {filled(probe::prose().exit_status)}},
                      {"EXAMPLES", {" vgpu-run -- vgpu-probe\n vgpu-run --emulate a100:4 -- vgpu-probe --runner"}}};
  program.see_also = {"vgpu-run(1)", "vgpuctl(1)"};
  return program;
}

}  // namespace vgpu::manual
