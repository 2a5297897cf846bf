#include <nlohmann/json.hpp>

#include "launcher/plan/plan_json.h"
#include "launcher/session/report.h"

namespace vgpu::sessions {
namespace {

using Json = nlohmann::ordered_json;

Json known(const std::string& text) { return text.empty() ? Json() : Json(plan::json_text(text)); }
Json known(int pid) { return pid == 0 ? Json() : Json(pid); }

Json device(const Device& device) {
  return {{"index", device.number},
          {"uuid", device.uuid},
          {"name", plan::json_text(device.name)},
          {"memory_bytes", device.memory},
          {"limit_bytes", device.limit},
          {"used_bytes", device.used},
          {"free_bytes", device.used < device.limit ? device.limit - device.used : 0}};
}

Json resident(const Resident& resident, const std::vector<Device>& devices) {
  Json contexts = Json::array();
  for (const Device& device : devices) {
    contexts.push_back((resident.contexts >> device.number & 1) != 0 ? device.context : 0);
  }
  return {{"slot", resident.slot},         {"pid", known(resident.local_pid)},
          {"namespace_pid", resident.pid}, {"command", known(resident.command)},
          {"used_bytes", resident.used},   {"context_bytes", std::move(contexts)}};
}

Json session(const Session& session) {
  const Snapshot& seen = session.snapshot;
  Json object = {{"id", plan::json_text(session.id)},
                 {"path", plan::json_text(seen.path)},
                 {"uid", seen.owner},
                 {"user", plan::json_text(session.user)},
                 {"launcher_pid", known(session.launcher)},
                 {"state", name(session.state)},
                 {"exact", seen.exact},
                 {"devices", Json::array()},
                 {"processes", Json::array()}};
  for (const Device& one : seen.devices) object["devices"].push_back(device(one));
  for (const Resident& one : seen.residents) object["processes"].push_back(resident(one, seen.devices));
  return object;
}

}  // namespace

std::string to_json(const Look& look) {
  Json object = {
      {"version", 1}, {"sessions", Json::array()}, {"unreadable", Json::array()}, {"reclaimed", look.reclaimed}};
  for (const Session& one : look.sessions) object["sessions"].push_back(session(one));
  for (const Unreadable& one : look.unreadable) {
    object["unreadable"].push_back({{"path", plan::json_text(one.path)}, {"reason", one.reason}});
  }
  return object.dump(2) + "\n";
}

}  // namespace vgpu::sessions
