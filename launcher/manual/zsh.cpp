// Completion for zsh: _arguments with the options as they are parsed, one function for each subcommand.
#include <algorithm>

#include "launcher/manual/pages.h"

namespace vgpu::manual {
namespace {

constexpr char kHelpers[] = R"zsh(
# _vgpu_names WHAT TAG: what the vgpuctl beside the program that is being typed knows.
_vgpu_names() {
  local -a names
  local ctl=vgpuctl
  [[ $vgpu_program != */* ]] || ctl=${~vgpu_program:h}/vgpuctl
  names=("${(@f)$(_call_program names ${(q)ctl} list $1 2>/dev/null)}")
  names=("${(@)${(@)names//:/\\:}/$'\t'/:}")
  _describe -t $1 $2 names
}
_vgpu_devices() {
  compset -P '*,'
  _vgpu_names devices device || _files -g '*.json'
}
_vgpu_profiles() { _vgpu_names profiles profile }
_vgpu_shims() {
  compset -P '*,'
  _vgpu_names shims shim
}
_vgpu_units() {
  local -a units
  units=(${${(f)"$(_call_program units systemctl list-unit-files --no-legend --no-pager --type=service 2>/dev/null)"}%% *})
  compadd -a units
}
# _vgpu_elsewhere MODE OPTION...: where a command has begun, the line is its own. MODE first: with the first word that is no option;
# dashes: behind "--". The options are those that take a value.
_vgpu_elsewhere() {
  local -i i=2 dashes=0
  while ((i < CURRENT)); do
    case $words[i] in
      --) ((dashes = 1, i++)) ; break ;;
      -*) ((i += ${@[(Ie)$words[i]]} ? 2 : 1)) ;;
      *) [[ $1 == dashes ]] || break ; ((i++)) ;;
    esac
  done
  ((i < CURRENT || dashes && i == CURRENT)) || return 1
  shift $((i - 1)) words
  ((CURRENT -= i - 1))
  _normal
}
)zsh";

std::string escaped(const std::string& text) {
  std::string result;
  for (const char c : text) {
    if (c == '[' || c == ']' || c == ':' || c == '\\') result += '\\';
    result.append(c == '\'' ? "'\\''" : std::string(1, c));
  }
  return result;
}

std::string action(const std::string& offers) {
  if (offers == "@file") return "_files";
  if (offers == "@device") return "_vgpu_devices";
  if (offers == "@profile") return "_vgpu_profiles";
  if (offers == "@shim") return "_vgpu_shims";
  if (offers == "@unit") return "_vgpu_units";
  if (offers == "@pid") return "_pids";
  return offers.empty() ? " " : "(" + offers + ")";
}

std::string specification(const Option& option) {
  const bool last = std::find(option.names.begin(), option.names.end(), "--help") != option.names.end() ||
                    std::find(option.names.begin(), option.names.end(), "--version") != option.names.end();
  std::string text("    '");
  if (last)
    text += "(- *)";
  else if (option.names.size() > 1)
    text.append("(").append(option.names[0]).append(" ").append(option.names[1]).append(")");
  else if (option.repeatable)
    text += "*";
  if (option.names.size() > 1)
    text.append("'{").append(option.names[0]).append(",").append(option.names[1]).append("}'");
  else
    text += option.names.front();
  if (!option.argument.empty()) text += "=";
  text.append("[").append(escaped(option.help)).append("]");
  if (!option.argument.empty())
    text.append(":").append(escaped(option.argument)).append(":").append(action(option.offers));
  return text.append("' \\\n");
}

std::string function_of(const Program& program) {
  std::string name = "_" + program.name('_');
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
}

std::string functions(const Program& program) {
  std::string text;
  for (const Program& sub : program.subcommands) text += functions(sub);
  text.append("\n").append(function_of(program)).append("() {\n");
  if (program.takes != Takes::no_command) {
    text.append("  ! _vgpu_elsewhere ").append(program.takes == Takes::a_command ? "first" : "dashes");
    for (const Option& option : program.options) {
      if (option.argument.empty()) continue;
      for (const std::string& name : option.names) text.append(" ").append(name);
    }
    text += " || return 0\n";
  }
  if (!program.subcommands.empty()) text += "  local curcontext=$curcontext state line\n";
  text.append("  _arguments ").append(program.subcommands.empty() ? "-S" : "-C -S").append(" \\\n");
  for (const Option& option : program.options) text += specification(option);
  if (!program.subcommands.empty()) {
    text +=
        "    '1:subcommand:->subcommand' \\\n    '*::rest:->rest'\n  case $state in\n    subcommand)\n      "
        "local -a subcommands=(\n";
    for (const Program& sub : program.subcommands) {
      text.append("        '").append(sub.words.back()).append(":").append(escaped(sub.summary)).append("'\n");
    }
    text +=
        "      )\n      _describe -t subcommands subcommand subcommands\n      ;;\n    rest)\n      case "
        "$words[1] in\n";
    for (const Program& sub : program.subcommands)
      text.append("        ").append(sub.words.back()).append(") ").append(function_of(sub)).append(" ;;\n");
    return text.append("      esac\n      ;;\n  esac\n}\n");
  }
  if (program.takes == Takes::a_command) {
    return text.append("    '(-)1:command:_command_names -e'\n}\n");
  }
  int place = 0;
  for (const Operand& operand : program.operands) {
    text.append("    '")
        .append(std::to_string(++place))
        .append(":")
        .append(escaped(operand.name))
        .append(":")
        .append(action(operand.offers))
        .append("' \\\n");
  }
  text.erase(text.size() - 3);  // the last " \"
  return text.append("\n}\n");
}

}  // namespace

std::string zsh_completion(const std::vector<Program>& programs) {
  std::string text = "#compdef";
  for (const Program& program : programs) text.append(" ").append(program.words.front());
  text +=
      "\n# Completion for zsh. Generated from the tables that the command lines are parsed by "
      "(launcher/manual).\n";
  text += kHelpers;
  for (const Program& program : programs) text += functions(program);
  text += "\nlocal vgpu_program=$words[1]\ncase $service in\n";
  for (const Program& program : programs) {
    text.append("  ").append(program.words.front()).append(") ").append(function_of(program)).append(" ;;\n");
  }
  return text.append("esac\n");
}

}  // namespace vgpu::manual
