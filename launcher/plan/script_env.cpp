#include <deque>

#include "launcher/plan/script.h"

namespace vgpu::plan {
namespace {

constexpr int kMaxSplits = 32;  // -S inside -S

std::optional<std::string> variable(const std::vector<std::string>& variables, const std::string& name) {
  for (const std::string& entry : variables) {
    if (entry.size() > name.size() && entry[name.size()] == '=' && entry.starts_with(name)) {
      return entry.substr(name.size() + 1);
    }
  }
  return std::nullopt;
}

// The string of -S, taken apart as env(1) describes it: blanks separate, quotes group, backslash escapes,
// ${NAME} is replaced, '#' at the start of a word ends the text.
bool split_string(const std::string& text, const std::vector<std::string>& variables, std::vector<std::string>& words,
                  std::string& error) {
  std::string word;
  bool in_word = false;
  char quote = 0;
  const auto finish = [&] {
    if (in_word) words.push_back(word);
    word.clear();
    in_word = false;
  };
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (quote == 0 && (c == ' ' || (c >= '\t' && c <= '\r'))) {
      finish();
    } else if (quote == 0 && c == '#' && !in_word) {
      break;
    } else if (c == '\'' && quote != '"') {
      quote = quote == 0 ? c : '\0';
      in_word = true;
    } else if (c == '"' && quote != '\'') {
      quote = quote == 0 ? c : '\0';
      in_word = true;
    } else if (c == '\\' && quote == '\'') {
      // Inside '...' only \' and \\ are escapes.
      in_word = true;
      if (i + 1 < text.size() && (text[i + 1] == '\'' || text[i + 1] == '\\')) ++i;
      word += text[i];
    } else if (c == '\\') {
      if (i + 1 == text.size()) {
        error = "a backslash ends the string of -S";
        return false;
      }
      const char next = text[++i];
      if (next == '_') {  // a separator outside quotes, a blank inside
        if (quote == 0) {
          finish();
        } else {
          word += ' ';
        }
        continue;
      }
      if (next == 'c' && quote == 0) break;
      static constexpr std::string_view from = "fnrtv\"#$'\\";
      static constexpr std::string_view to = "\f\n\r\t\v\"#$'\\";
      const std::size_t at = from.find(next);
      if (at == std::string_view::npos) {
        error = std::string("-S does not know the escape \\") + next;
        return false;
      }
      word += to[at];
      in_word = true;
    } else if (c == '$' && quote != '\'') {
      const std::size_t close = text.find('}', i);
      if (i + 1 == text.size() || text[i + 1] != '{' || close == std::string::npos) {
        error = "-S expands only ${NAME}";
        return false;
      }
      if (const auto value = variable(variables, text.substr(i + 2, close - i - 2))) {
        word += *value;
        in_word = true;
      }
      i = close;
    } else {
      word += c;
      in_word = true;
    }
  }
  if (quote != 0) {
    error = "-S has no closing quote";
    return false;
  }
  finish();
  return true;
}

class EnvParser {
 public:
  EnvParser(const std::vector<std::string>& arguments, const std::vector<std::string>& variables)
      : rest_(arguments.begin(), arguments.end()), variables_(variables) {}

  EnvCommand parse() {
    while (!rest_.empty() && result_.error.empty()) {
      const std::string argument = take();
      if (argument == "--") break;
      if (argument == "-") {
        clear();
        break;
      }
      if (argument.starts_with("--")) {
        long_option(argument);
      } else if (argument.starts_with("-")) {
        short_options(argument);
      } else {
        rest_.push_front(argument);
        break;
      }
    }
    while (result_.error.empty() && !rest_.empty()) {
      const std::string word = take();
      const std::size_t equals = word.find('=');
      if (equals == std::string::npos) {
        result_.command = word;
        result_.operands.assign(rest_.begin(), rest_.end());
        break;
      }
      if (word.starts_with("PATH=")) {
        result_.path = word.substr(equals + 1);
        result_.path_unset = false;
      }
    }
    return std::move(result_);
  }

 private:
  std::string take() {
    std::string word = rest_.front();
    rest_.pop_front();
    return word;
  }

  void clear() {
    result_.path.reset();
    result_.path_unset = true;
  }

  void unset(const std::string& name) {
    if (name != "PATH") return;
    result_.path.reset();
    result_.path_unset = true;
  }

  void split(const std::string& text) {
    std::vector<std::string> words;
    if (++splits_ > kMaxSplits) {
      result_.error = "too many -S inside each other";
    } else if (split_string(text, variables_, words, result_.error)) {
      rest_.insert(rest_.begin(), words.begin(), words.end());
    }
  }

  std::string value(const std::string& option) {
    if (!rest_.empty()) return take();
    result_.error = "option " + option + " needs an argument";
    return {};
  }

  void long_option(const std::string& argument) {
    const std::size_t equals = argument.find('=');
    const std::string name = argument.substr(0, equals);
    const auto attached = [&] { return equals != std::string::npos ? argument.substr(equals + 1) : value(name); };
    if (name == "--ignore-environment") {
      clear();
    } else if (name == "--unset") {
      unset(attached());
    } else if (name == "--chdir") {
      result_.directory = attached();
    } else if (name == "--split-string") {
      split(attached());
    } else if (name == "--argv0") {
      attached();
    } else if (name != "--null" && name != "--debug" && name != "--block-signal" && name != "--default-signal" &&
               name != "--ignore-signal" && name != "--list-signal-handling") {
      result_.error = "unrecognized option '" + argument + "'";
    }
  }

  void short_options(const std::string& argument) {
    for (std::size_t i = 1; i < argument.size() && result_.error.empty(); ++i) {
      const char option = argument[i];
      const std::string name = std::string("-") + option;
      const auto attached = [&] { return i + 1 < argument.size() ? argument.substr(i + 1) : value(name); };
      switch (option) {
        case 'i': clear(); continue;
        case '0':
        case 'v': continue;
        case 'u': unset(attached()); return;
        case 'C': result_.directory = attached(); return;
        case 'a': attached(); return;
        case 'S': split(attached()); return;
        default:
          // What a "#!" line makes of "env python3 -u" without -S ends here or as a command with a blank in
          // its name.
          result_.error = option == ' ' ? "an option may not hold a blank: a \"#!\" line is one argument without -S"
                                        : "invalid option -- '" + std::string(1, option) + "'";
      }
    }
  }

  std::deque<std::string> rest_;
  const std::vector<std::string>& variables_;
  EnvCommand result_;
  int splits_ = 0;
};

}  // namespace

EnvCommand parse_env(const std::vector<std::string>& arguments, const std::vector<std::string>& variables) {
  return EnvParser(arguments, variables).parse();
}

}  // namespace vgpu::plan
