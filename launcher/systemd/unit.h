// A unit as systemd would load it: its file and its drop-ins, in the order in which they count (systemd.unit(5)).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "launcher/os/machine.h"
#include "launcher/plan/problem.h"
#include "launcher/systemd/exec_line.h"
#include "launcher/systemd/unit_file.h"

namespace vgpu::systemd {

inline constexpr std::size_t kLargestUnitFile = 4 << 20;

struct Unit {
  std::string name;             // "ollama.service", "foo@bar.service", "foo@.service"
  std::string fragment;         // the file of the unit itself; empty: there are drop-ins only
  bool masked = false;          // the file is empty or a link to /dev/null: systemd starts nothing
  std::vector<UnitFile> files;  // the unit's, then its drop-ins
  plan::Problems unreadable;    // files that could not be read, and so are not in `files`

  bool is_template() const { return name.find("@.") != std::string::npos; }
};

// One assignment that counts, and where it stands.
struct Setting {
  const UnitFile* file = nullptr;
  const UnitAssignment* assignment = nullptr;

  const std::string& value() const { return assignment->value; }
  std::string where() const { return file->path + ":" + std::to_string(assignment->first_line); }
};

// "ollama" is ollama.service. Errors: Code::usage where no service can be called so.
plan::Result<std::string> service_name(const std::string& name);

// Where systemd looks for units of the system manager, first wins.
const std::vector<std::string>& unit_directories();

// `extra`: a drop-in that counts wherever it stands, instead of one of the same name. `without`: drop-ins, by path,
// that are to be taken for absent.
Unit load_unit(const os::Machine& machine, const std::string& name, const UnitFile* extra = nullptr,
               const std::vector<std::string>& without = {});

// A list: what counts behind the last empty assignment, in order. `section`: "Service".
std::vector<Setting> settings(const Unit& unit, std::string_view key);
// A single value: the last assignment; nothing where there is none or it is empty.
std::optional<Setting> setting(const Unit& unit, std::string_view key);

struct Command {
  Setting setting;
  ExecCommand command;
};

// The commands of ExecStart= that count. A line that systemd would not take is in none.
std::vector<Command> start_commands(const Unit& unit);

// `text` with the specifiers replaced that a unit's name alone decides (%i %I %j %J %n %N %p %P %%); nothing where it
// has others, or where the unit is a template and the instance is wanted.
std::optional<std::string> expanded(const Unit& unit, std::string_view text);

struct EnvironmentSetting {
  Setting setting;
  std::string name;
  std::string value;  // specifiers expanded as far as expanded() can, else as written
  UnitWord word;      // in the assignment's value
};

// Environment= as the program gets it: the last one of a name counts. UnsetEnvironment= and files are not looked at.
std::vector<EnvironmentSetting> environment_settings(const Unit& unit);

}  // namespace vgpu::systemd
