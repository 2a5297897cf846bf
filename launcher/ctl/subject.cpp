#include "launcher/ctl/subject.h"

#include <charconv>
#include <map>

#include "launcher/ctl/helper.h"
#include "launcher/os/process_files.h"
#include "launcher/plan/characters.h"

namespace vgpu::ctl {
namespace {

using plan::Code;
using plan::Problem;
using plan::Problems;

Problems problem(Code code, std::string where, std::string cause, std::string fix) {
  return {{.code = code, .where = std::move(where), .cause = std::move(cause), .fix = std::move(fix), .excerpt = {}}};
}

std::string trimmed(std::string text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == ' ')) text.pop_back();
  return text;
}

std::map<std::string, std::string> properties(const std::string& text) {
  std::map<std::string, std::string> values;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    const std::string line = text.substr(begin, end - begin);
    if (const std::size_t equals = line.find('='); equals != std::string::npos) {
      values[line.substr(0, equals)] = line.substr(equals + 1);
    }
    begin = end + 1;
  }
  return values;
}

}  // namespace

int parse_pid(const std::string& text) {
  int pid = 0;
  const auto end = std::from_chars(text.data(), text.data() + text.size(), pid);
  if (end.ec != std::errc() || end.ptr != text.data() + text.size() || pid < 1 || pid > os::kLargestPid) return 0;
  return pid;
}

void Subject::add_to(CLI::App& app) {
  app.add_option("PID", pid_, "A process");
  app.add_option("--unit", unit_, "The main process of a systemd unit")->type_name("NAME");
  app.add_option("--container", container_, "The first process of a container that podman or docker knows")
      ->type_name("ID");
}

plan::Result<Subject::Found> Subject::find(const os::Machine& machine) const {
  if (!pid_.empty()) return find_pid();
  return !unit_.empty() ? find_unit(machine) : find_container(machine);
}

plan::Result<Subject::Found> Subject::find_pid() const {
  const int pid = parse_pid(pid_);
  if (pid == 0) {
    return problem(Code::usage, "command line", plan::escaped(pid_) + " is no process number",
                   "write a number from 1 to " + std::to_string(os::kLargestPid) + ", or a command behind --");
  }
  return Found{pid, {}};
}

plan::Result<Subject::Found> Subject::find_unit(const os::Machine& machine) const {
  const std::string where = "--unit " + plan::escaped(unit_);
  const auto systemctl = find_program(machine, "systemctl");
  if (!systemctl) {
    return problem(Code::internal, where, "systemctl is not there",
                   "name the process by its number: vgpuctl verify PID");
  }
  const auto said = ask(*systemctl, {"show", "--property=LoadState,ActiveState,MainPID", "--", unit_});
  if (!said || said->status != 0) {
    return problem(Code::internal, where,
                   "systemctl does not answer: " + (said ? plan::escaped(said->complaint) : "it cannot be started"),
                   "see systemctl status, or name the process by its number");
  }
  const auto values = properties(said->output);
  const auto value = [&](const char* key) { return values.contains(key) ? values.at(key) : std::string(); };
  if (value("LoadState") == "not-found") {
    return problem(Code::usage, where, "there is no such unit", "see systemctl list-units");
  }
  const int pid = parse_pid(value("MainPID"));
  if (pid == 0) return Found{0, "the unit " + unit_ + " has no main process, it is " + value("ActiveState")};
  return Found{pid, {}};
}

plan::Result<Subject::Found> Subject::find_container(const os::Machine& machine) const {
  const std::string where = "--container " + plan::escaped(container_);
  std::string complaints;
  for (const char* name : {"podman", "docker"}) {
    const auto tool = find_program(machine, name);
    if (!tool) continue;
    const auto said = ask(*tool, {"container", "inspect", "--format", "{{.State.Pid}}", "--", container_});
    if (said && said->status == 0) {
      const std::string text = trimmed(said->output);
      if (text == "0") return Found{0, "the container " + container_ + " does not run"};
      if (const int pid = parse_pid(text); pid != 0) return Found{pid, {}};
    }
    complaints.append(complaints.empty() ? "" : "; ").append(name).append(": ");
    complaints += said ? plan::escaped(said->status == 0 ? "it answers " + trimmed(said->output) : said->complaint)
                       : "it cannot be started";
  }
  if (complaints.empty()) {
    return problem(Code::internal, where, "neither podman nor docker is there",
                   "name the process by its number: vgpuctl verify PID");
  }
  return problem(Code::internal, where, complaints, "see podman ps or docker ps, or name the process by its number");
}

}  // namespace vgpu::ctl
