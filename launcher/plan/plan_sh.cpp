#include "launcher/plan/plan_sh.h"

#include <algorithm>

#include "launcher/plan/characters.h"

namespace vgpu::plan {
namespace {

// No shell gives these a meaning inside a word.
bool is_plain(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         std::string_view("_-+.,:/@%").find(c) != std::string_view::npos;
}

bool is_printable(std::string_view bytes, std::size_t at) {
  return bytes[at] == '\n' || character_at(bytes, at).printable;
}

// Within single quotes everything is itself, but for the quote.
void append_quoted(std::string& word, std::string_view bytes) {
  word += '\'';
  for (const char c : bytes) {
    if (c == '\'') {
      word += "'\\''";
    } else {
      word += c;
    }
  }
  word += '\'';
}

// Bytes that a terminal would obey or drop when the line is pasted. Command substitution takes trailing line feeds
// away: there is none among these.
void append_octal(std::string& word, std::string_view bytes) {
  word += "\"$(printf '";
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    word.append({'\\', static_cast<char>('0' + (byte >> 6)), static_cast<char>('0' + (byte >> 3 & 7)),
                 static_cast<char>('0' + (byte & 7))});
  }
  word += "')\"";
}

}  // namespace

std::string sh_word(std::string_view bytes) {
  if (bytes.empty()) return "''";
  std::string word;
  for (std::size_t at = 0; at < bytes.size();) {
    const bool printable = is_printable(bytes, at);
    std::size_t end = at;
    while (end < bytes.size() && is_printable(bytes, end) == printable) end += character_at(bytes, end).bytes;
    const std::string_view part = bytes.substr(at, end - at);
    if (!printable) {
      append_octal(word, part);
    } else if (std::all_of(part.begin(), part.end(), is_plain)) {
      word += part;
    } else {
      append_quoted(word, part);
    }
    at = end;
  }
  return word;
}

// env(1), because a shell's own assignments cannot carry every name. It takes operands with '=' for variables, and an
// operand "-" that comes first for -i: such a command is started by nice(1), which changes nothing and parses nothing.
std::string to_sh(const Plan& plan) {
  std::string line = "env";
  for (const std::string& name : plan.unset) line.append(" -u ").append(sh_word(name));
  std::string operands;
  for (const Variable& variable : plan.environment) {
    operands.append(" ").append(sh_word(variable.name)).append("=");
    if (!variable.value.empty()) operands.append(sh_word(variable.value));
  }
  const std::vector<std::string>& command = plan.request.command;
  if (!command.empty() && (command.front().find('=') != std::string::npos || command.front() == "-"))
    operands.append(" nice -n 0 --");
  for (const std::string& argument : command) operands.append(" ").append(sh_word(argument));
  if (operands.starts_with(" -") || operands.starts_with(" '-")) line.append(" --");
  return line + operands + "\n";
}

Problems lost_in_sh(const Plan& plan) {
  Problems lost;
  if (!plan.request.argv0.empty()) {
    lost.push_back({.code = Code::usage,
                    .severity = Severity::warning,
                    .where = "--argv0 " + plan.request.argv0,
                    .cause = "the line cannot carry it: env(1) has no way to give a command another name",
                    .fix = "start the command by vgpu-run itself",
                    .excerpt = {}});
  }
  if (!plan.mount_namespace.needed) return lost;
  lost.push_back(
      {.code = Code::scope_unavailable,
       .severity = Severity::warning,
       .where = "--format=sh",
       .cause = "the line cannot carry the mount namespace: with it the shims reach as far as with scope exec",
       .fix = "start the command by vgpu-run --scope namespace itself",
       .excerpt = {}});
  return lost;
}

}  // namespace vgpu::plan
