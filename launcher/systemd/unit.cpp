#include "launcher/systemd/unit.h"

#include <algorithm>
#include <cstring>
#include <map>

#include "launcher/plan/characters.h"

namespace vgpu::systemd {
namespace {

using Strings = std::vector<std::string>;

constexpr char kSuffix[] = ".service";

std::string base_name(const std::string& path) { return path.substr(path.rfind('/') + 1); }

// "foo@bar.service" -> "foo@.service"; "" where it is no instance.
std::string template_of(const std::string& name) {
  const std::size_t at = name.find('@');
  if (at == std::string::npos) return {};
  const std::string found = name.substr(0, at + 1) + kSuffix;
  return found == name ? std::string() : found;
}

std::string stem_of(const std::string& name) { return name.substr(0, name.size() - std::strlen(kSuffix)); }

// The directories of drop-ins within one unit directory, most specific first: foo-bar@x, foo-bar@, foo-, service.
Strings drop_in_names(const std::string& name) {
  Strings names{name};
  const std::string whole = template_of(name);
  if (!whole.empty()) names.push_back(whole);
  std::string prefix = stem_of(name);
  prefix = prefix.substr(0, prefix.find('@'));
  while (!prefix.empty()) {
    const std::size_t dash = prefix.find_last_of('-', prefix.size() - 2);
    if (prefix.size() < 2 || dash == std::string::npos) break;
    prefix.resize(dash + 1);
    if (prefix != stem_of(name)) names.push_back(prefix + kSuffix);
  }
  return names;
}

// An offline tree has no /dev/null: the link counts.
enum class Presence { absent, masked, there };
Presence presence(const os::Machine& machine, const std::string& path) {
  const auto link = machine.link_target(path);
  if (link && *link == "/dev/null") return Presence::masked;
  const auto status = machine.status(path);
  if (!status) return Presence::absent;
  const bool empty = status->kind == os::FileStatus::Kind::regular && status->size == 0;
  return empty ? Presence::masked : Presence::there;
}

class Loader {
 public:
  Loader(const os::Machine& machine, Unit& unit, const UnitFile* extra, const Strings& without)
      : machine_(machine), unit_(unit), extra_(extra), without_(without) {}

  void load() {
    find_fragment();
    if (!unit_.fragment.empty() && !unit_.masked) read(unit_.fragment);
    for (const std::string& path : drop_ins()) {
      if (extra_ != nullptr && path == extra_->path) {
        unit_.files.push_back(*extra_);
      } else {
        read(path);
      }
    }
  }

 private:
  void find_fragment() {
    Strings names{unit_.name};
    const std::string whole = template_of(unit_.name);
    if (!whole.empty()) names.push_back(whole);
    for (const std::string& name : names) {
      for (const std::string& directory : unit_directories()) {
        const std::string path = directory + "/" + name;
        const Presence found = presence(machine_, path);
        if (found == Presence::absent) continue;
        unit_.fragment = path;
        unit_.masked = found == Presence::masked;
        alias_of(path, name);
        return;
      }
    }
  }

  // A link to another unit's file is another name for that unit, whose drop-ins count too.
  void alias_of(const std::string& path, const std::string& name) {
    names_ = {unit_.name};
    const auto real = machine_.real_path(path);
    if (!real || unit_.masked) return;
    const std::string other = base_name(*real);
    if (other != name && other.ends_with(kSuffix)) names_.push_back(other);
  }

  // By file name; the first directory that has a name masks the others.
  Strings drop_ins() const {
    Strings directories;
    for (const std::string& unit : names_) {
      for (const std::string& directory : unit_directories()) {
        for (const std::string& name : drop_in_names(unit)) directories.push_back(directory + "/" + name + ".d");
      }
    }
    for (const std::string& directory : unit_directories()) directories.push_back(directory + "/service.d");
    std::map<std::string, std::string> found;
    for (const std::string& directory : directories) {
      const auto names = machine_.list(directory);
      if (!names) continue;
      for (const std::string& name : *names) {
        const std::string path = directory + "/" + name;
        const bool left_out = std::find(without_.begin(), without_.end(), path) != without_.end();
        if (name.ends_with(".conf") && !name.starts_with('.') && !left_out) found.emplace(name, path);
      }
    }
    if (extra_ != nullptr) found[base_name(extra_->path)] = extra_->path;
    Strings paths;
    for (const auto& [name, path] : found) {
      const bool is_extra = extra_ != nullptr && path == extra_->path;
      if (is_extra || presence(machine_, path) != Presence::masked) paths.push_back(path);
    }
    return paths;
  }

  void read(const std::string& path) {
    auto text = machine_.read(path, kLargestUnitFile);
    if (text) {
      unit_.files.push_back(parse_unit_file(path, std::move(*text)));
      return;
    }
    unit_.unreadable.push_back({.code = plan::Code::internal,
                                .where = path,
                                .cause = std::string("it cannot be read: ") + std::strerror(text.error().value),
                                .fix = "run vgpuctl as a user who may read it",
                                .excerpt = {}});
  }

  const os::Machine& machine_;
  Unit& unit_;
  const UnitFile* extra_;
  const Strings& without_;
  Strings names_{unit_.name};
};

// systemd.unit(5), "String escaping for inclusion in unit names".
std::string unescaped(std::string_view text) {
  std::string result;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto digit = [&](std::size_t at) {
      const std::size_t value = std::string_view("0123456789abcdef").find(at < text.size() ? text[at] : 'x');
      return value == std::string_view::npos ? -1 : static_cast<int>(value);
    };
    if (text[i] == '-') {
      result += '/';
    } else if (text.substr(i, 2) == "\\x" && digit(i + 2) >= 0 && digit(i + 3) >= 0) {
      result += static_cast<char>(digit(i + 2) * 16 + digit(i + 3));
      i += 3;
    } else {
      result += text[i];
    }
  }
  return result;
}

}  // namespace

plan::Result<std::string> service_name(const std::string& name) {
  const auto refuse = [&](std::string cause, std::string fix) {
    return plan::Problems{
        {.code = plan::Code::usage, .where = name, .cause = std::move(cause), .fix = std::move(fix), .excerpt = {}}};
  };
  for (const char* other :
       {".socket", ".target", ".timer", ".mount", ".path", ".slice", ".device", ".scope", ".swap", ".automount"}) {
    if (name.ends_with(other)) return refuse("it is no service: only a service starts a command", "name the service");
  }
  const bool known = std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::strchr(":-_.\\@", c) != nullptr;
  });
  const std::string full = name.ends_with(kSuffix) ? name : name + kSuffix;
  if (name.empty() || !known || full.size() > 255 || full == kSuffix || full.front() == '@' || full.front() == '.') {
    return refuse("no unit can be called so", "write the name as systemctl shows it: ollama or ollama.service");
  }
  return full;
}

const Strings& unit_directories() {
  static const Strings directories = {
      "/etc/systemd/system.control",   "/run/systemd/system.control",  "/run/systemd/transient",
      "/run/systemd/generator.early",  "/etc/systemd/system",          "/etc/systemd/system.attached",
      "/run/systemd/system",           "/run/systemd/system.attached", "/run/systemd/generator",
      "/usr/local/lib/systemd/system", "/usr/lib/systemd/system",      "/lib/systemd/system",
      "/run/systemd/generator.late"};
  return directories;
}

Unit load_unit(const os::Machine& machine, const std::string& name, const UnitFile* extra, const Strings& without) {
  Unit unit;
  unit.name = name;
  Loader(machine, unit, extra, without).load();
  return unit;
}

std::vector<Setting> settings(const Unit& unit, std::string_view key) {
  std::vector<Setting> found;
  for (const UnitFile& file : unit.files) {
    for (const UnitAssignment& assignment : file.assignments) {
      if (assignment.section != "Service" || assignment.key != key) continue;
      if (assignment.value.empty()) {
        found.clear();
      } else {
        found.push_back({&file, &assignment});
      }
    }
  }
  return found;
}

std::optional<Setting> setting(const Unit& unit, std::string_view key) {
  const std::vector<Setting> found = settings(unit, key);
  if (found.empty()) return std::nullopt;
  return found.back();
}

std::vector<Command> start_commands(const Unit& unit) {
  std::vector<Command> found;
  for (const Setting& setting : settings(unit, "ExecStart")) {
    ExecCommands line = parse_exec_line(setting.value());
    if (!line.error.empty()) continue;
    for (ExecCommand& command : line.commands) found.push_back({setting, std::move(command)});
  }
  return found;
}

std::optional<std::string> expanded(const Unit& unit, std::string_view text) {
  const std::string stem = stem_of(unit.name);
  const std::size_t at = stem.find('@');
  const std::string prefix = stem.substr(0, at);
  const std::string instance = at == std::string::npos ? std::string() : stem.substr(at + 1);
  const std::string last = prefix.substr(prefix.rfind('-') + 1);
  std::string result;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      result += text[i];
      continue;
    }
    if (++i == text.size()) return std::nullopt;
    const char c = text[i];
    if (unit.is_template() && std::strchr("iInN", c) != nullptr) return std::nullopt;
    switch (c) {
      case '%': result += '%'; break;
      case 'i': result += instance; break;
      case 'I': result += unescaped(instance); break;
      case 'j': result += last; break;
      case 'J': result += unescaped(last); break;
      case 'n': result += unit.name; break;
      case 'N': result += stem; break;
      case 'p': result += prefix; break;
      case 'P': result += unescaped(prefix); break;
      default: return std::nullopt;
    }
  }
  return result;
}

std::vector<EnvironmentSetting> environment_settings(const Unit& unit) {
  std::vector<EnvironmentSetting> found;
  for (const Setting& setting : settings(unit, "Environment")) {
    for (UnitWord& word : split_unit_words(setting.value()).words) {
      if (word.bad_escape) break;  // systemd reads no further in this assignment
      const std::size_t equals = word.value.find('=');
      if (equals == std::string::npos || equals == 0) continue;
      std::string name = word.value.substr(0, equals);
      if (bad_specifier(word.value) != std::string::npos) continue;
      const std::string value = word.value.substr(equals + 1);
      std::erase_if(found, [&](const EnvironmentSetting& one) { return one.name == name; });
      found.push_back({setting, std::move(name), expanded(unit, value).value_or(value), std::move(word)});
    }
  }
  return found;
}

}  // namespace vgpu::systemd
