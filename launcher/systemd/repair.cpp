#include "launcher/systemd/repair.h"

#include <algorithm>
#include <cctype>
#include <map>
#include <set>

#include "launcher/plan/preload.h"

namespace vgpu::systemd {
namespace {

using Strings = std::vector<std::string>;

std::string doubled_bad_percents(std::string text) {
  for (std::size_t at = bad_specifier(text); at != std::string::npos; at = bad_specifier(text)) text.insert(at, 1, '%');
  return text;
}

struct Word {
  std::string name;
  std::string value;
};

// The assignments that a line was meant to have: what follows one without a name of its own belongs to it.
std::vector<Word> meant(const std::string& value) {
  UnitWords words = split_unit_words(value);
  for (const char* quote : {"\"", "'"}) {
    if (!words.error.empty()) words = split_unit_words(value + quote);
  }
  std::vector<Word> result;
  for (const UnitWord& word : words.words) {
    const std::size_t equals = word.value.find('=');
    if (equals != std::string::npos && equals != 0) {
      result.push_back({word.value.substr(0, equals), word.value.substr(equals + 1)});
    } else if (!result.empty()) {
      result.back().value.append(" ").append(word.value);
    }
  }
  return result;
}

// A list of paths without its "$NAME": they stand for nothing here.
std::string without_variables(const std::string& value) {
  std::string result;
  for (std::size_t begin = 0; begin <= value.size();) {
    const std::size_t end = std::min(value.find(':', begin), value.size());
    const std::string item = value.substr(begin, end - begin);
    const bool variable = item.starts_with("$") && item.find('/') == std::string::npos;
    if (!variable && !item.empty()) result.append(result.empty() ? "" : ":").append(item);
    begin = end + 1;
  }
  return result;
}

class Repair {
 public:
  Repair(const UnitFile& file, const Report& report) : file_(file), report_(report) {
    for (const Finding& finding : report.findings) {
      if (finding.file == file.path) faults_[finding.line].insert(finding.fault);
    }
  }

  std::string text() {
    const Strings lines = lines_of(file_.text);
    std::string result;
    std::size_t next = 0;
    for (const UnitAssignment& one : file_.assignments) {
      for (; next + 1 < one.first_line; ++next) copy(lines[next], result);
      const bool misplaced = has(one, Fault::no_service_section);
      if (misplaced && section_ != "Service") {
        result += "[Service]\n";
        section_ = "Service";
      } else if (!misplaced && section_ != one.section && !one.section.empty()) {
        result += "[" + one.section + "]\n";
        section_ = one.section;
      }
      if (has(one, Fault::exec_not_reset) || (one.key == "ExecStart" && misplaced && !one.value.empty() && !reset_))
        result += "ExecStart=\n";
      if (one.key == "ExecStart") reset_ = true;
      const auto changed = replacement(one);
      if (changed) {
        result += *changed;
      } else {
        for (std::size_t i = one.first_line; i <= one.last_line; ++i) result += lines[i - 1] + "\n";
      }
      next = one.last_line;
    }
    for (; next < lines.size(); ++next) copy(lines[next], result);
    return result;
  }

 private:
  bool has(const UnitAssignment& one, Fault fault) const {
    const auto found = faults_.find(one.first_line);
    return found != faults_.end() && found->second.contains(fault);
  }

  void copy(const std::string& line, std::string& result) {
    for (const UnitFile::Stray& stray : file_.strays) {
      const std::size_t number = static_cast<std::size_t>(stray.line);
      if (number <= lines_of(file_.text).size() && lines_of(file_.text)[number - 1] == line) {
        result += "# " + line + "\n";
        return;
      }
    }
    const std::size_t begin = line.find_first_not_of(" \t");
    if (begin != std::string::npos && line[begin] == '[') {
      const std::size_t end = line.find(']', begin);
      if (end != std::string::npos) section_ = line.substr(begin + 1, end - begin - 1);
    }
    result += line + "\n";
  }

  // What the lines of an assignment become; nothing where they stay.
  std::optional<std::string> replacement(const UnitAssignment& one) const {
    if (one.key == "ExecStart" && has(one, Fault::exec_percent))
      return "ExecStart=" + doubled_bad_percents(one.value) + "\n";
    if (one.key != "Environment" || !is_faulty(one)) return std::nullopt;
    std::string lines;
    for (const Word& word : meant(one.value)) {
      if (is_lost(one, word.name)) continue;
      std::string value = word.value;
      if (word.name == "LD_PRELOAD" && !report_.preload.computed.empty()) {
        value.clear();
        for (const std::string& library : report_.preload.computed)
          value.append(value.empty() ? "" : ":").append(library);
        lines += "Environment=" + unit_word(word.name + "=" + value, Expanded::specifiers) + "\n";
        continue;
      }
      if (word.name == "LD_LIBRARY_PATH" || word.name == "PATH") value = without_variables(value);
      lines += "Environment=" + quoted_unit_word(doubled_bad_percents(word.name + "=" + value)) + "\n";
    }
    return lines;
  }

  bool is_faulty(const UnitAssignment& one) const {
    const auto found = faults_.find(one.first_line);
    if (found == faults_.end()) return loses_a_word(one);
    for (const Fault fault : found->second) {
      if (fault != Fault::environment_unset && fault != Fault::environment_file_wins &&
          fault != Fault::no_service_section)
        return true;
    }
    return loses_a_word(one) || (found->second.contains(Fault::no_service_section) && has_preload(one));
  }

  static bool has_preload(const UnitAssignment& one) {
    const std::vector<Word> words = meant(one.value);
    return std::any_of(words.begin(), words.end(), [](const Word& word) { return word.name == "LD_PRELOAD"; });
  }

  bool loses_a_word(const UnitAssignment& one) const {
    const std::vector<Word> words = meant(one.value);
    return std::any_of(words.begin(), words.end(), [&](const Word& word) { return is_lost(one, word.name); });
  }

  // A later assignment of the same file sets it again.
  bool is_lost(const UnitAssignment& one, const std::string& name) const {
    for (const UnitAssignment& other : file_.assignments) {
      if (other.first_line <= one.first_line || other.key != "Environment") continue;
      const std::vector<Word> words = meant(other.value);
      if (std::any_of(words.begin(), words.end(), [&](const Word& word) { return word.name == name; })) return true;
    }
    return false;
  }

  const UnitFile& file_;
  const Report& report_;
  std::map<unsigned, std::set<Fault>> faults_;  // by first line
  std::string section_;
  bool reset_ = false;  // an ExecStart= was seen
};

}  // namespace

std::string repaired(const UnitFile& file, const Report& report) { return Repair(file, report).text(); }

}  // namespace vgpu::systemd
