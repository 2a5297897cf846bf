#include <nlohmann/json.hpp>

#include "launcher/doctor/report.h"
#include "launcher/plan/plan_json.h"

namespace vgpu::doctor {

std::string to_json(const Report& report) {
  using Json = nlohmann::ordered_json;
  Json object;
  object["version"] = 1;
  switch (verdict(report)) {
    case plan::ExitStatus::ok: object["verdict"] = "holds"; break;
    case plan::ExitStatus::cannot_tell: object["verdict"] = "cannot tell"; break;
    default: object["verdict"] = "does not hold"; break;
  }
  object["command"] = Json::array();
  for (const std::string& word : report.command) object["command"].push_back(plan::json_text(word));
  object["program"] = report.program.empty() ? Json() : Json(plan::json_text(report.program));
  object["findings"] = Json::array();
  for (const Finding& finding : report.findings) {
    Json evidence = Json::array();
    for (const Evidence& one : finding.evidence) {
      evidence.push_back({{"file", plan::json_text(one.file)},
                          {"line", one.line == 0 ? Json() : Json(one.line)},
                          {"value", plan::json_text(one.value)}});
    }
    object["findings"].push_back({{"id", finding.id},
                                  {"severity", name(finding.severity)},
                                  {"where", plan::json_text(finding.where)},
                                  {"cause", plan::json_text(finding.cause)},
                                  {"evidence", std::move(evidence)},
                                  {"fix", plan::json_text(finding.fix)}});
  }
  return object.dump(2) + "\n";
}

}  // namespace vgpu::doctor
