#include "launcher/cdi/diff.h"

#include <map>
#include <nlohmann/json.hpp>

namespace vgpu::cdi {
namespace {

using nlohmann::json;
using Statements = std::map<std::string, std::string>;  // what is said about what

std::string shown(const json& value) {
  return value.is_string() ? value.get<std::string>() : value.dump(-1, ' ', false, json::error_handler_t::replace);
}

std::string text_member(const json& object, const char* key) {
  const auto found = object.is_object() ? object.find(key) : object.end();
  return object.is_object() && found != object.end() ? shown(*found) : std::string();
}

class Reading {
 public:
  explicit Reading(const json& spec) {
    for (const auto& [key, value] : spec.items()) {
      if (key == "devices")
        read_devices(value);
      else if (key == "containerEdits")
        read_edits("", value);
      else
        say(key, value);
    }
  }

  const Statements& statements() const { return statements_; }

 private:
  // What stands twice is told as often.
  void say(std::string where, const json& value) {
    while (statements_.contains(where)) where += " (again)";
    statements_[std::move(where)] = shown(value);
  }

  void read_devices(const json& devices) {
    if (!devices.is_array()) return say("devices", devices);
    for (const json& device : devices) {
      if (!device.is_object()) {
        say("devices", device);
        continue;
      }
      const std::string name = "device " + text_member(device, "name");
      say(name, "");
      for (const auto& [key, value] : device.items()) {
        if (key == "containerEdits")
          read_edits(name + ": ", value);
        else if (key != "name")
          say(name + ": " + key, value);
      }
    }
  }

  void read_edits(const std::string& whose, const json& edits) {
    if (!edits.is_object()) return say(whose + "containerEdits", edits);
    for (const auto& [key, value] : edits.items()) {
      if (key == "env" && value.is_array()) {
        for (const json& entry : value) read_variable(whose, shown(entry));
      } else if (key == "mounts" && value.is_array()) {
        for (const json& mount : value) read_mount(whose, mount);
      } else {
        say(whose + key, value);
      }
    }
  }

  void read_variable(const std::string& whose, const std::string& entry) {
    const std::size_t equals = entry.find('=');
    say(whose + entry.substr(0, equals), equals == std::string::npos ? "" : entry.substr(equals + 1));
  }

  void read_mount(const std::string& whose, const json& mount) {
    const std::string name = whose + "mount " + text_member(mount, "containerPath");
    if (!mount.is_object()) return say(name, mount);
    for (const auto& [key, value] : mount.items()) {
      if (key != "containerPath") say(name + ": " + key, value);
    }
  }

  Statements statements_;
};

// What is nested deeper is no specification, and would only fill the stack of those who go through it.
constexpr int kDeepest = 32;

json parsed(std::string_view text) {
  bool deep = false;
  const auto look = [&](int depth, json::parse_event_t, json&) { return !(deep |= depth > kDeepest); };
  json value = json::parse(text, look, false);
  return deep ? json() : value;
}

}  // namespace

std::optional<std::vector<Difference>> differences(std::string_view text, std::string_view wanted) {
  const json now = parsed(text);
  if (!now.is_object()) return std::nullopt;
  const Statements has = Reading(now).statements();
  const Statements should = Reading(parsed(wanted)).statements();
  std::vector<Difference> found;
  for (const auto& [where, value] : should) {
    const auto there = has.find(where);
    if (there == has.end())
      found.push_back({where, std::nullopt, value});
    else if (there->second != value)
      found.push_back({where, there->second, value});
  }
  for (const auto& [where, value] : has) {
    if (!should.contains(where)) found.push_back({where, value, std::nullopt});
  }
  return found;
}

std::optional<Options> options_in(std::string_view text) {
  const json spec = parsed(text);
  if (!spec.is_object()) return std::nullopt;
  const Statements statements = Reading(spec).statements();
  const auto found = statements.find(kOptionsVariable);
  return found == statements.end() ? std::nullopt : parse_options(found->second);
}

}  // namespace vgpu::cdi
