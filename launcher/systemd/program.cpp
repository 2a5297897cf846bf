#include "launcher/systemd/program.h"

#include <algorithm>

#include "launcher/run/options.h"

namespace vgpu::systemd {
namespace {

using Strings = std::vector<std::string>;

constexpr char kSearchPath[] = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

bool is_program(const os::Machine& machine, const std::string& path) {
  const auto status = machine.status(path);
  return status && status->kind == os::FileStatus::Kind::regular && (status->mode & 0111) != 0;
}

Strings search_path(const Unit& unit) {
  std::string text;
  for (const Setting& one : settings(unit, "ExecSearchPath")) text.append(text.empty() ? "" : ":").append(one.value());
  if (text.empty()) text = kSearchPath;
  Strings directories;
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find(':', begin), text.size());
    if (end > begin) directories.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return directories;
}

std::string base_name(const std::string& path) { return path.substr(path.rfind('/') + 1); }

// "$$" is "$"; a variable is left as it is, its value is not ours to know.
std::string without_doubled_dollars(const std::string& text) {
  std::string result;
  for (std::size_t i = 0; i < text.size(); ++i) {
    result += text[i];
    if (text[i] == '$' && i + 1 < text.size() && text[i + 1] == '$') ++i;
  }
  return result;
}

}  // namespace

Program find_program(const os::Machine& machine, const Unit& unit, const ExecCommand& command) {
  const auto name = expanded(unit, command.program);
  if (!name) return {.path = {}, .known = false, .cause = "only systemd knows what its specifiers stand for"};
  if (name->starts_with('/')) {
    const auto status = machine.status(*name);
    if (!status) return {.path = {}, .cause = "there is no file " + *name};
    if (!is_program(machine, *name)) return {.path = {}, .cause = *name + " is no executable file"};
    return {.path = *name, .cause = {}};
  }
  if (name->find('/') != std::string::npos)
    return {.path = {}, .cause = *name + " is neither an absolute path nor a plain name"};
  const Strings directories = search_path(unit);
  for (const std::string& directory : directories) {
    const std::string path = directory + "/" + *name;
    if (is_program(machine, path)) return {.path = path, .cause = {}};
  }
  std::string cause = "there is no program " + *name + " in";
  for (const std::string& directory : directories) cause.append(" ").append(directory);
  return {.path = {}, .cause = std::move(cause)};
}

std::vector<std::string> service_environment(const Unit& unit) {
  Strings entries = {std::string("PATH=") + kSearchPath};
  for (const EnvironmentSetting& one : environment_settings(unit)) {
    std::erase_if(entries, [&](const std::string& entry) { return entry.starts_with(one.name + "="); });
    entries.push_back(one.name + "=" + one.value);
  }
  return entries;
}

LaunchOfCommand launch_of(const os::Machine& machine, const Unit& unit, const ExecCommand& command) {
  LaunchOfCommand launch;
  launch.wrapped = base_name(command.program) == "vgpu-run";
  const Program program = find_program(machine, unit, command);
  if (!program.known || program.path.empty()) {
    launch.known = false;
    return launch;
  }
  if (!launch.wrapped) {
    launch.request.command = {program.path};
    return launch;
  }
  Strings words = {program.path};
  for (const UnitWord& word : command.arguments) {
    const std::string text = expanded(unit, word.value).value_or(word.value);
    words.push_back(command.has(':') ? text : without_doubled_dollars(text));
  }
  const auto line = run::parse_command_line(words, service_environment(unit), true);
  if (!line) {
    launch.problems = line.error();
    launch.known = false;
    return launch;
  }
  launch.request = line->request;
  return launch;
}

}  // namespace vgpu::systemd
