#include <nlohmann/json.hpp>

#include "launcher/plan/plan_json.h"
#include "launcher/verify/report.h"

namespace vgpu::verify {
namespace {

using Json = nlohmann::ordered_json;

Json known(const std::string& text) { return text.empty() ? Json() : Json(plan::json_text(text)); }

Json texts(const std::vector<std::string>& strings) {
  Json list = Json::array();
  for (const std::string& string : strings) list.push_back(plan::json_text(string));
  return list;
}

const char* name(Observation::Source source) {
  switch (source) {
    case Observation::Source::none: return nullptr;
    case Observation::Source::link_map: return "link-map";
    case Observation::Source::maps: return "maps";
  }
  return nullptr;
}

Json children(const std::vector<RefusedChild>& refused) {
  Json list = Json::array();
  for (const RefusedChild& child : refused) {
    list.push_back({{"pid", child.pid == 0 ? Json() : Json(child.pid)},
                    {"name", known(child.name)},
                    {"reason", text(child.reason)}});
  }
  return list;
}

Json record(const ExecRecord& exec) {
  return {{"active", exec.active},
          {"calls", exec.calls},
          {"unshimmed", exec.unshimmed},
          {"children", children(exec.refused)}};
}

Json record(const SyscallRecord& syscall) {
  return {{"state", syscall.state},
          {"reason", known(syscall.reason)},
          {"runtime", known(syscall.runtime)},
          {"taken", syscall.taken},
          {"by_libc", syscall.by_libc},
          {"unshimmed", syscall.unshimmed},
          {"children", children(syscall.refused)}};
}

Json record(const CudaRecord& cuda) {
  return {{"inits", cuda.inits},
          {"result", cuda.inits == 0 ? Json() : Json(cuda.result)},
          {"device_count", cuda.inits == 0 ? Json() : Json(cuda.visible)},
          {"device_total", cuda.inits == 0 ? Json() : Json(cuda.total)},
          {"cuda_version", cuda.cuda_version == 0 ? Json() : Json(cuda.cuda_version)},
          {"first_call", cuda.inits == 0 ? Json() : Json(cuda.first_call)}};
}

template <class Record>
Json record(const std::optional<Record>& one) {
  return one ? record(*one) : Json();
}

Json objects(const Observation& process) {
  Json list = Json::array();
  if (process.map.state != os::LinkMap::State::complete) return list;
  for (const os::LinkedObject& object : process.map.objects) {
    list.push_back({{"path", known(object.path)}, {"soname", known(object.soname)}, {"name_space", object.name_space}});
  }
  return list;
}

Json process(const Member& member) {
  const Observation& seen = member.process;
  const Judgement& judgement = member.judgement;
  const char* const source = name(seen.source);
  Json object = Json::object();
  object["pid"] = seen.status.pid;
  object["parent"] = seen.status.parent;
  object["name"] = known(seen.status.name);
  object["executable"] = known(seen.executable);
  object["verdict"] = name(verdict(judgement.finding));
  object["finding"] = name(judgement.finding);
  object["reason"] = plan::json_text(judgement.reason);
  object["source"] = source == nullptr ? Json() : Json(source);
  object["class"] = seen.auxiliary ? Json(seen.auxiliary->elf_class) : Json();
  object["secure"] = seen.auxiliary ? Json(seen.auxiliary->secure) : Json();
  object["interpreter"] = known(seen.interpreter);
  object["environment_says"] = judgement.environment_says ? Json(*judgement.environment_says) : Json();
  object["expected"] = texts(judgement.expected);
  object["carried"] = texts(judgement.carried);
  object["missing"] = texts(judgement.missing);
  object["init_order"] = texts(judgement.init_order);
  object["link_map"] = objects(seen);
  object["notes"] = texts(judgement.notes);
  object["exec"] = record(seen.exec);
  object["syscall"] = record(seen.syscall);
  object["cuda"] = record(seen.cuda);
  return object;
}

}  // namespace

std::string to_json(const Report& report, Verdict whole) {
  Json object = Json::object();
  object["version"] = 1;
  object["verdict"] = name(whole);
  object["reason"] = plan::json_text(summary(report, whole));
  object["ended"] = report.ended;
  object["notes"] = texts(report.notes);
  object["processes"] = Json::array();
  for (const Member& member : report.members) object["processes"].push_back(process(member));
  return object.dump(2) + "\n";
}

}  // namespace vgpu::verify
