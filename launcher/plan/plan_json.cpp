#include "launcher/plan/plan_json.h"

#include <nlohmann/json.hpp>

#include "launcher/plan/characters.h"

namespace vgpu::plan {
namespace {

using Json = nlohmann::ordered_json;

Json text(std::string_view bytes) { return json_text(bytes); }

// What is not known, or does not apply, is null: never an empty string that somebody takes for a path.
Json known(std::string_view bytes) { return bytes.empty() ? Json() : text(bytes); }

Json texts(const std::vector<std::string>& strings) {
  Json list = Json::array();
  for (const std::string& string : strings) list.push_back(text(string));
  return list;
}

Json environment(const Plan& plan) {
  Json object = Json::object();
  for (const Variable& variable : plan.environment) object[json_text(variable.name)] = text(variable.value);
  for (const std::string& name : plan.unset) object[json_text(name)] = nullptr;
  return object;
}

// One entry for each library file: that is what LD_PRELOAD has, too.
Json shims(const Plan& plan) {
  Json list = Json::array();
  for (const Place& place : plan.places) {
    for (const std::string& library : place.libraries) {
      Json shim = Json::object();
      shim["name"] = text(place.name);
      shim["path"] = text(library);
      shim["foreign"] = place.foreign;
      shim["reasons"] = texts(place.reasons);
      list.push_back(std::move(shim));
    }
  }
  return list;
}

Json left_out(const Plan& plan) {
  Json list = Json::array();
  for (const LeftOut& shim : plan.left_out) {
    Json object = Json::object();
    object["name"] = text(shim.name);
    object["reason"] = text(shim.reason);
    list.push_back(std::move(object));
  }
  return list;
}

Json target(const Target& target) {
  Json steps = Json::array();
  for (const Target::Step& step : target.steps) {
    Json object = Json::object();
    object["script"] = text(step.script);
    object["interpreter"] = text(step.interpreter);
    object["argument"] = known(step.argument);
    steps.push_back(std::move(object));
  }
  Json object = Json::object();
  object["path"] = known(target.path);
  object["file"] = known(target.file);
  object["steps"] = std::move(steps);
  object["program"] = known(target.program);
  object["interpreter"] = known(target.interpreter);
  object["class"] = target.elf_class == 0 ? Json() : Json(target.elf_class);
  object["machine"] = known(target.machine);
  object["libc"] = known(target.libc);
  object["glibc"] = known(target.glibc);
  object["static"] = target.is_static;
  object["secure"] = target.secure;
  return object;
}

const char* fate(ManifestFile::Fate fate) {
  switch (fate) {
    case ManifestFile::Fate::used: return "used";
    case ManifestFile::Fate::masked: return "masked";
    case ManifestFile::Fate::disabled: return "disabled";
  }
  return "used";
}

Json manifests(const Manifest& manifest) {
  Json list = Json::array();
  for (const ManifestFile& file : manifest.files) {
    Json object = Json::object();
    object["path"] = text(file.path);
    object["fate"] = fate(file.fate);
    object["by"] = known(file.by);
    list.push_back(std::move(object));
  }
  return list;
}

// Null: the target has the mounts that vgpu-run has.
Json mount_namespace(const MountNamespace& mounts) {
  if (!mounts.needed && !mounts.in_force) return {};
  Json files = Json::array();
  for (const os::PrivateFile& file : mounts.files) files.push_back(text(file.path));
  Json object = Json::object();
  object["in_force"] = mounts.in_force;
  object["user"] = mounts.user;
  object["covers_etc"] = mounts.covers_etc;
  object["files"] = std::move(files);
  return object;
}

Json problems(const Problems& problems) {
  Json list = Json::array();
  for (const Problem& problem : problems) {
    Json object = Json::object();
    object["code"] = text(name(problem.code));
    object["severity"] = problem.severity == Severity::error ? "error" : "warning";
    object["where"] = text(problem.where);
    object["cause"] = text(problem.cause);
    object["fix"] = known(problem.fix);
    object["excerpt"] = known(problem.excerpt);
    list.push_back(std::move(object));
  }
  return list;
}

}  // namespace

std::string json_text(std::string_view bytes) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  text.reserve(bytes.size());
  for (std::size_t at = 0; at < bytes.size();) {
    const Character character = character_at(bytes, at);
    if (character.valid) {
      text.append(bytes.substr(at, character.bytes));
    } else {
      const auto byte = static_cast<unsigned char>(bytes[at]);
      text.append({'\0', kDigits[byte >> 4], kDigits[byte & 15]});
    }
    at += character.bytes;
  }
  return text;
}

std::string to_json(const Plan& plan) {
  Json object = Json::object();
  object["version"] = 1;
  object["command"] = texts(plan.request.command);
  object["target"] = target(plan.target);
  object["profile"] = known(plan.profile);
  object["profile_reason"] = known(plan.profile_reason);
  object["mode"] = known(plan.mode);
  object["mode_reason"] = known(plan.mode_reason);
  object["device"] = known(plan.device);
  object["real_cuda"] = known(plan.real_cuda);
  object["real_nvml"] = known(plan.real_nvml);
  object["scope"] = known(plan.scope);
  object["init"] = known(plan.init);
  object["shims"] = shims(plan);
  object["left_out"] = left_out(plan);
  object["preload"] = texts(plan.preload);
  object["init_order"] = texts(plan.init_order);
  object["library_path"] = texts(plan.library_path);
  object["environment"] = environment(plan);
  object["mount_namespace"] = mount_namespace(plan.mount_namespace);
  object["manifests"] = manifests(plan.manifest);
  object["problems"] = problems(plan.problems);
  return object.dump(2) + "\n";
}

}  // namespace vgpu::plan
