#include "launcher/systemd/exec_line.h"

#include <algorithm>

namespace vgpu::systemd {
namespace {

constexpr std::string_view kSpace = " \t\n\r";

bool is_word(std::string_view text, std::size_t at, std::string_view word) {
  if (text.substr(at, word.size()) != word) return false;
  return at + word.size() == text.size() || kSpace.find(text[at + word.size()]) != std::string_view::npos;
}

// "-", "@", ":" once each and "+", "!" or "!!" once, in any order.
std::size_t count_prefixes(std::string_view word) {
  std::string seen;
  std::size_t at = 0;
  for (; at < word.size(); ++at) {
    const char c = word[at];
    const bool second_bang = c == '!' && seen.ends_with('!') && std::count(seen.begin(), seen.end(), '!') == 1;
    const bool privileges = c == '+' || c == '!';
    if (std::string_view("-@:+!").find(c) == std::string_view::npos) break;
    if (privileges ? !second_bang && seen.find_first_of("+!") != std::string::npos : seen.find(c) != std::string::npos)
      break;
    seen += c;
  }
  return at;
}

class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text) {}

  ExecCommands all() {
    while (skip_space() && one()) {
    }
    return std::move(result_);
  }

 private:
  bool skip_space() {
    at_ = std::min(text_.find_first_not_of(kSpace, at_), text_.size());
    return at_ < text_.size();
  }

  bool wrong(std::string error) {
    result_.error = std::move(error);
    return false;
  }

  bool one() {
    if (is_word(text_, at_, ";")) {
      ++at_;
      return true;
    }
    std::string error;
    const auto first = next_unit_word(text_, at_, error);
    if (!first) return wrong(std::move(error));
    ExecCommand command;
    const std::size_t prefixes = count_prefixes(first->value);
    command.prefixes = first->value.substr(0, prefixes);
    command.program = first->value.substr(prefixes);
    if (command.program.empty()) return wrong("there is no program behind the prefix " + command.prefixes);
    std::size_t end = first->end;
    if (command.has('@')) {
      const auto argv0 = skip_space() && !is_word(text_, at_, ";") ? next_unit_word(text_, at_, error) : std::nullopt;
      if (!argv0) return wrong(error.empty() ? "the prefix @ wants a second word, argv[0]" : std::move(error));
      command.argv0 = text_.substr(argv0->begin, argv0->end - argv0->begin);
      end = argv0->end;
    }
    const std::size_t begin = end;
    while (skip_space() && !is_word(text_, at_, ";")) {
      if (is_word(text_, at_, "\\;")) {
        command.arguments.push_back({.value = ";", .begin = at_, .end = at_ + 2, .quoted = true});
        at_ += 2;
      } else if (auto word = next_unit_word(text_, at_, error)) {
        command.arguments.push_back(std::move(*word));
      } else {
        return wrong(std::move(error));
      }
      end = command.arguments.back().end;
    }
    command.text = text_.substr(first->begin, end - first->begin);
    if (!command.arguments.empty()) {
      const std::size_t from = command.arguments.front().begin;
      command.arguments_text = text_.substr(std::max(begin, from), end - from);
    }
    result_.commands.push_back(std::move(command));
    return true;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  ExecCommands result_;
};

}  // namespace

ExecCommands parse_exec_line(std::string_view value) { return Parser(value).all(); }

std::string wrapped(const ExecCommand& command, std::string_view program, const std::vector<std::string>& launcher) {
  const bool expands = !command.has(':');
  std::string first;
  // argv[0] is for the command: it travels in an option, and the launcher keeps its own.
  std::copy_if(command.prefixes.begin(), command.prefixes.end(), std::back_inserter(first),
               [](char c) { return c != '@'; });
  std::string line = quoted_unit_word(first + doubled(launcher.front(), Expanded::specifiers));
  for (std::size_t i = 1; i < launcher.size(); ++i) {
    line += ' ';
    line += unit_word(launcher[i], expands ? Expanded::specifiers_and_variables : Expanded::specifiers);
  }
  if (!command.argv0.empty()) {
    line.append(" --argv0 ").append(command.argv0);
  } else if (program != command.program) {  // a plain name, and argv[0] is what was written
    line.append(" --argv0 ").append(unit_word(command.program, expands ? Expanded::variables : Expanded::nothing));
  }
  line.append(" -- ").append(unit_word(program, expands ? Expanded::variables : Expanded::nothing));
  if (!command.arguments_text.empty()) line.append(" ").append(command.arguments_text);
  return line;
}

}  // namespace vgpu::systemd
