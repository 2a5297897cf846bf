#include <nlohmann/json.hpp>

#include "launcher/cdi/spec.h"

namespace vgpu::cdi {
namespace {

using Json = nlohmann::ordered_json;

Json to_object(const Edits& edits) {
  Json object = Json::object();
  if (!edits.environment.empty()) object["env"] = edits.environment;
  for (const Mount& mount : edits.mounts) {
    object["mounts"].push_back(
        {{"hostPath", mount.host}, {"containerPath", mount.container}, {"options", mount.options}});
  }
  return object;
}

}  // namespace

std::string to_json(const Spec& spec) {
  Json object;
  object["cdiVersion"] = spec.version;
  object["kind"] = spec.kind;
  object["devices"] = Json::array();
  for (const Device& device : spec.devices) {
    object["devices"].push_back({{"name", device.name}, {"containerEdits", to_object(device.edits)}});
  }
  object["containerEdits"] = to_object(spec.edits);
  return object.dump(2) + "\n";
}

}  // namespace vgpu::cdi
