// Environment= and what overrides it: systemd.exec(5), "Environment".
#include <algorithm>
#include <cctype>

#include "launcher/systemd/program.h"
#include "launcher/systemd/unit_check.h"

namespace vgpu::systemd {
namespace {

using plan::Severity;

bool is_list_of_paths(const std::string& name) {
  return name == "LD_PRELOAD" || name == "LD_LIBRARY_PATH" || name == "PATH";
}

// ld.so(8), "Dynamic string tokens".
bool is_token(const std::string& name) { return name == "LIB" || name == "ORIGIN" || name == "PLATFORM"; }

// The first "$NAME" or "${NAME}" that a shell would replace, and nobody does here; "" where there is none.
std::string unexpanded(const std::string& value) {
  for (std::size_t at = value.find('$'); at != std::string::npos; at = value.find('$', at + 1)) {
    const bool braces = value.substr(at, 2) == "${";
    const std::size_t begin = at + (braces ? 2 : 1);
    std::size_t end = begin;
    while (end < value.size() && (std::isalnum(static_cast<unsigned char>(value[end])) != 0 || value[end] == '_'))
      ++end;
    const std::string name = value.substr(begin, end - begin);
    if (!name.empty() && std::isdigit(static_cast<unsigned char>(name.front())) == 0 && !is_token(name))
      return "$" + name;
  }
  return {};
}

void check_words(const Setting& one, Report& report) {
  const UnitWords words = split_unit_words(one.value());
  const auto say = [&](Fault fault, std::string cause, std::string fix) {
    report.findings.push_back(about(fault, one, std::move(cause), std::move(fix)));
  };
  for (const UnitWord& word : words.words) {
    const std::size_t equals = word.value.find('=');
    if (word.bad_escape) {
      say(Fault::environment_syntax, "a backslash in it begins no escape, and systemd ignores the rest of the line",
          "double the backslash");
      return;
    }
    if (equals == std::string::npos || equals == 0) {
      say(Fault::environment_unquoted, "'" + word.value + "' is no NAME=VALUE of its own, and systemd ignores it",
          "put quotes around the whole assignment: Environment=\"NAME=VALUE WITH SPACES\"");
      continue;
    }
    if (const std::size_t at = bad_specifier(word.value); at != std::string::npos) {
      say(Fault::environment_percent,
          "'" + word.value.substr(at, 2) + "' is no specifier, and systemd ignores " + word.value.substr(0, equals),
          "write %% for a percent sign");
    }
    const std::string variable = unexpanded(word.value.substr(equals + 1));
    if (!variable.empty()) {
      const std::string name = word.value.substr(0, equals);
      report.findings.push_back(about(
          Fault::environment_dollar, one, variable + " in " + name + " stays as it is: Environment= knows no variables",
          "write the value itself", is_list_of_paths(name) ? Severity::error : Severity::warning));
    }
  }
  if (!words.error.empty())
    say(Fault::environment_syntax, "systemd ignores the rest of the line: " + words.error, "close the quotes");
}

void check_duplicates(const Unit& unit, Report& report) {
  struct Seen {
    std::string name;
    Setting setting;
  };
  std::vector<Seen> seen;
  for (const Setting& one : settings(unit, "Environment")) {
    for (const UnitWord& word : split_unit_words(one.value()).words) {
      const std::size_t equals = word.value.find('=');
      if (word.bad_escape) break;
      if (equals == std::string::npos || equals == 0) continue;
      const std::string variable = word.value.substr(0, equals);
      const auto earlier =
          std::find_if(seen.begin(), seen.end(), [&](const Seen& each) { return each.name == variable; });
      if (earlier == seen.end()) {
        seen.push_back({variable, one});
        continue;
      }
      // A drop-in is there to replace what a unit says; a list that is replaced as a whole surprises even so.
      const bool same_file = earlier->setting.file == one.file;
      if (same_file || is_list_of_paths(variable)) {
        report.findings.push_back(about(
            Fault::environment_duplicate, one,
            variable + " was set already, at " + earlier->setting.where() + ": this one counts, the other is lost",
            "keep one of them, with all that it is to hold",
            same_file && is_list_of_paths(variable) ? Severity::error : Severity::warning));
      }
      earlier->setting = one;
    }
  }
}

// systemd.exec(5): "Settings from these files override settings made with Environment=".
void check_files(const Subject& subject, Report& report) {
  for (const Setting& one : settings(subject.unit, "EnvironmentFile")) {
    std::string path = expanded(subject.unit, one.value()).value_or("");
    if (path.starts_with('-')) path.erase(0, 1);
    const auto text = subject.machine.read(path, kLargestUnitFile);
    if (!text) continue;
    for (const std::string& line : lines_of(*text)) {
      for (const char* variable : {"LD_PRELOAD", "LD_LIBRARY_PATH"}) {
        if (!line.starts_with(std::string(variable) + "=")) continue;
        report.findings.push_back(about(
            Fault::environment_file_wins, one, path + " sets " + variable + ", and a file goes before Environment=",
            "take it out of the file", report.preload.ours ? Severity::error : Severity::warning));
      }
    }
  }
}

void check_unset(const Subject& subject, Report& report) {
  const std::vector<EnvironmentSetting> environment = environment_settings(subject.unit);
  for (const Setting& one : settings(subject.unit, "UnsetEnvironment")) {
    for (const UnitWord& word : split_unit_words(one.value()).words) {
      const std::string variable = word.value.substr(0, word.value.find('='));
      const bool matters = variable == "LD_PRELOAD" || variable == "LD_LIBRARY_PATH" || variable.starts_with("VGPU_");
      const bool set = std::any_of(environment.begin(), environment.end(),
                                   [&](const EnvironmentSetting& each) { return each.name == variable; });
      if (matters && set) {
        report.findings.push_back(about(Fault::environment_unset, one,
                                        variable + " is set by Environment= and taken away again here",
                                        "remove it from UnsetEnvironment="));
      }
    }
  }
}

}  // namespace

void check_environment(const Subject& subject, Report& report) {
  for (const Setting& one : settings(subject.unit, "Environment")) check_words(one, report);
  check_duplicates(subject.unit, report);
  check_files(subject, report);
  check_unset(subject, report);
}

}  // namespace vgpu::systemd
