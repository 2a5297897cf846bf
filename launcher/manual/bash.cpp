// Completion for bash: one function for all programs, over a table that is generated. It needs nothing but
// bash; where bash-completion is there, the command behind vgpu-run is completed as that command is.
#include "launcher/manual/pages.h"

namespace vgpu::manual {
namespace {

constexpr char kEngine[] = R"bash(
# The words of the line, put together again where readline cuts them (COMP_WORDBREAKS: '=' and ':'), up to the cursor.
# words; at: where each begins in COMP_WORDS; kept: how much of the last one readline does not replace.
_vgpu_words() {
  local rest=${COMP_LINE:0:COMP_POINT} part i
  words=() at=()
  for ((i = 0; i <= COMP_CWORD; i++)); do
    part=${COMP_WORDS[i]}
    ((i < COMP_CWORD)) || part=${rest#"${rest%%[![:space:]]*}"}
    if ((i == 0)) || [[ $rest == [[:space:]]* || ! $rest ]]; then
      [[ $rest ]] || ((i == 0)) || [[ ${COMP_LINE:COMP_POINT-1:1} == [[:space:]] ]] || continue
      words+=("$part") at+=("$i") kept=
    else
      kept=${words[-1]}
      words[-1]+=$part
      [[ $part != [=:] ]] || kept=${words[-1]}
    fi
    rest=${rest#"${rest%%[![:space:]]*}"}
    rest=${rest#"$part"}
  done
}

# What vgpuctl knows: the one beside the program that is being typed.
_vgpu_names() {
  local program=${words[0]} directory name about i manifest=()
  directory=${program%"${program##*/}"}
  [[ $directory != '~/'* ]] || directory=$HOME/${directory#'~/'}
  for ((i = 1; i < ${#words[@]} - 1; i++)); do
    case ${words[i]} in
      --manifest) manifest=(--manifest "${words[i + 1]}") ;;
      --manifest=*) manifest=("${words[i]}") ;;
      --) break ;;
    esac
  done
  "${directory}vgpuctl" list "$1" "${manifest[@]}" 2>/dev/null | while IFS=$'\t' read -r name about; do printf '%s\n' "$name"; done
}

# _vgpu_offer OFFERS WORD: fills COMPREPLY.
_vgpu_offer() {
  local done= word=$2 IFS=$'\n'
  case $1 in
    @file)
      compopt -o filenames 2>/dev/null
      COMPREPLY=($(compgen -f -- "$word"))
      ;;
    @device | @shim)  # a list: A,B
      [[ $word != *,* ]] || done=${word%,*},
      COMPREPLY=($(compgen -P "$done" -W "$(_vgpu_names "${1#@}s")" -- "${word##*,}"))
      if [[ $1 == @device && $word == */* ]]; then
        compopt -o filenames 2>/dev/null
        COMPREPLY+=($(compgen -f -- "$word"))
      fi
      ;;
    @profile) COMPREPLY=($(compgen -W "$(_vgpu_names profiles)" -- "$word")) ;;
    @unit)
      COMPREPLY=($(compgen -W "$(systemctl list-unit-files --no-legend --no-pager --type=service 2>/dev/null | while IFS=' ' read -r unit _; do
        printf '%s\n' "$unit"
      done)" -- "$word"))
      ;;
    @pid) COMPREPLY=($(compgen -W "$(cd /proc && printf '%s\n' [0-9]*)" -- "$word")) ;;
    *) COMPREPLY=($(compgen -W "${1// /$'\n'}" -- "$word")) ;;
  esac
}

# _vgpu_command INDEX: from there on the line is somebody else's.
_vgpu_command() {
  local word=${words[-1]}
  kept=
  if declare -F _command_offset >/dev/null; then
    _command_offset "${at[$1]}"
    return
  fi
  local IFS=$'\n'
  if (($1 == ${#words[@]} - 1)) && [[ $word != */* ]]; then
    COMPREPLY=($(compgen -c -- "$word"))
  else
    compopt -o filenames 2>/dev/null
    COMPREPLY=($(compgen -f -- "$word"))
  fi
}

_vgpu() {
  local options values subcommands operand command words at kept i word place name IFS=$' \t\n'
  COMPREPLY=()
  _vgpu_words
  local last=$((${#words[@]} - 1))
  local current=${words[last]}
  place=${words[0]##*/}
  _vgpu_table "$place"
  for ((i = 1; i < last; i++)); do
    word=${words[i]}
    if [[ $word == -- ]]; then
      [[ ! $command ]] || _vgpu_command $((i + 1))
      return
    elif [[ $word == -* ]]; then
      _vgpu_value "$word" || continue
      ((++i))
    elif [[ " $subcommands " == *" $word "* ]]; then
      place+=" $word"
      _vgpu_table "$place"
    elif [[ $command == first ]]; then
      _vgpu_command "$i"
      return
    fi
  done
  if ((i > last)); then  # the value of the option in front of it
    _vgpu_value "${words[last - 1]}"
    _vgpu_offer "$name" "$current"
  elif [[ $current == --*=* ]] && _vgpu_value "${current%%=*}"; then
    _vgpu_offer "$name" "${current#*=}"
    COMPREPLY=("${COMPREPLY[@]/#/${current%%=*}=}")
  elif [[ $current == -* ]]; then
    COMPREPLY=($(compgen -W "$options" -- "$current"))
  elif [[ $subcommands ]]; then
    COMPREPLY=($(compgen -W "$subcommands" -- "$current"))
  elif [[ $command == first ]]; then
    _vgpu_command "$last"
  elif [[ $operand ]]; then
    _vgpu_offer "$operand" "$current"
  fi
  COMPREPLY=("${COMPREPLY[@]#"$kept"}")
}

# _vgpu_value OPTION: whether it wants a value; name: what is offered for it.
_vgpu_value() {
  local option offers
  while read -r option offers; do
    [[ $option != "$1" ]] || { name=$offers; return 0; }
  done <<<"$values"
  return 1
}
)bash";

// Within '...'.
std::string quoted(const std::string& text) {
  std::string result = "'";
  for (const char c : text) result.append(c == '\'' ? "'\\''" : std::string(1, c));
  return result + "'";
}

std::string rows(const Program& program) {
  std::string options;
  std::string values;
  std::string subcommands;
  for (const Option& option : program.options) {
    for (const std::string& name : option.names) {
      options.append(options.empty() ? "" : " ").append(name);
      if (!option.argument.empty())
        values.append(values.empty() ? "" : "\n").append(name).append(" ").append(option.offers);
    }
  }
  for (const Program& sub : program.subcommands)
    subcommands.append(subcommands.empty() ? "" : " ").append(sub.words.back());
  std::string text = "    " + quoted(program.name(' ')) + ")\n";
  text.append("      options=").append(quoted(options)).append("\n");
  if (!values.empty()) text.append("      values=").append(quoted(values)).append("\n");
  if (!subcommands.empty()) text.append("      subcommands=").append(quoted(subcommands)).append("\n");
  if (!program.operands.empty())
    text.append("      operand=").append(quoted(program.operands.front().offers)).append("\n");
  if (program.takes != Takes::no_command) {
    text.append("      command=").append(program.takes == Takes::a_command ? "first" : "dashes").append("\n");
  }
  text.append("      ;;\n");
  for (const Program& sub : program.subcommands) text += rows(sub);
  return text;
}

}  // namespace

std::string bash_completion(const std::vector<Program>& programs) {
  std::string text =
      "# shellcheck shell=bash disable=SC2034,SC2207\n"
      "# Completion for bash. Generated from the tables that the command lines are parsed by "
      "(launcher/manual).\n\n"
      "# What may stand behind a program, or a subcommand of one. command: its operands are a command, from "
      "the \"first\" word that\n"
      "# is no option, or behind \"dashes\".\n"
      "_vgpu_table() {\n  options='' values='' subcommands='' operand='' command=''\n  case $1 in\n";
  std::string names;
  for (const Program& program : programs) {
    text += rows(program);
    names.append(" ").append(program.words.front());
  }
  return text.append("  esac\n}\n").append(kEngine).append("\ncomplete -F _vgpu").append(names).append("\n");
}

}  // namespace vgpu::manual
