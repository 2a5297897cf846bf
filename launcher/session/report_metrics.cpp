#include <initializer_list>
#include <utility>

#include "launcher/plan/characters.h"
#include "launcher/session/report.h"

namespace vgpu::sessions {
namespace {

using Labels = std::initializer_list<std::pair<const char*, std::string>>;

// A label's value is UTF-8, with \ " and newline escaped. Other control characters are allowed there, and of no use.
std::string value(const std::string& text) {
  std::string result;
  for (const char c : plan::escaped(text)) {
    if (c == '\\' || c == '"') result += '\\';
    result += c;
  }
  return result;
}

// One metric: its help, its type and its samples, which must stand together.
class Metric {
 public:
  Metric(const char* name, const char* help) : name_(name) {
    text_.append("# HELP ").append(name).append(" ").append(help).append("\n# TYPE ").append(name).append(" gauge\n");
  }

  void sample(const Labels& labels, std::uint64_t number) {
    text_ += name_;
    char before = '{';
    for (const auto& [label, text] : labels) {
      text_.append(1, before).append(label).append("=\"").append(value(text)).append("\"");
      before = ',';
    }
    text_.append(labels.size() == 0 ? " " : "} ").append(std::to_string(number)).append("\n");
  }

  const std::string& text() const { return text_; }

 private:
  const char* name_;
  std::string text_;
};

}  // namespace

// The labels of a sample are unique: an id in a look, a device's index and a slot in a session.
std::string to_metrics(const Look& look) {
  Metric sessions("vgpu_session_info", "A session: 1. Its state is live, idle or abandoned.");
  Metric processes("vgpu_session_processes", "Processes of the session that have a device.");
  Metric devices("vgpu_session_device_info", "A device of the session: 1.");
  Metric memory("vgpu_session_device_memory_bytes", "Memory that the device has.");
  Metric limit("vgpu_session_memory_limit_bytes",
               "Memory of the device that the session's processes may have together.");
  Metric used("vgpu_session_memory_used_bytes", "Memory of the device that they have.");
  Metric shares("vgpu_process_memory_used_bytes", "Memory of the device that one process has.");
  Metric unreadable("vgpu_unreadable_sessions", "Files by the name of a session that are none or cannot be read.");
  for (const Session& one : look.sessions) {
    const Snapshot& seen = one.snapshot;
    sessions.sample({{"session", one.id},
                     {"path", seen.path},
                     {"user", one.user},
                     {"uid", std::to_string(seen.owner)},
                     {"state", name(one.state)}},
                    1);
    processes.sample({{"session", one.id}}, seen.residents.size());
    for (std::size_t i = 0; i < seen.devices.size(); ++i) {
      const Device& device = seen.devices[i];
      const std::string index = std::to_string(device.number);
      devices.sample({{"session", one.id}, {"device", index}, {"uuid", device.uuid}, {"name", device.name}}, 1);
      memory.sample({{"session", one.id}, {"device", index}, {"uuid", device.uuid}}, device.memory);
      limit.sample({{"session", one.id}, {"device", index}, {"uuid", device.uuid}}, device.limit);
      used.sample({{"session", one.id}, {"device", index}, {"uuid", device.uuid}}, device.used);
      for (const Resident& resident : seen.residents) {
        const std::string pid = resident.local_pid == 0 ? "" : std::to_string(resident.local_pid);
        shares.sample({{"session", one.id},
                       {"device", index},
                       {"uuid", device.uuid},
                       {"slot", std::to_string(resident.slot)},
                       {"pid", pid},
                       {"command", resident.command}},
                      resident.used[i]);
      }
    }
  }
  unreadable.sample({}, look.unreadable.size());
  std::string text;
  for (const Metric* one : {&sessions, &processes, &devices, &memory, &limit, &used, &shares, &unreadable})
    text += one->text();
  return text;
}

}  // namespace vgpu::sessions
