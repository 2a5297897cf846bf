#include "launcher/probe/report.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "launcher/probe/doors.h"

namespace vgpu::probe {
namespace {

const char* api_name(Api api) {
  switch (api) {
    case Api::driver: return "driver";
    case Api::runtime: return "runtime";
    case Api::nvml: return "NVML";
  }
  return "";
}

std::string padded(std::string text, std::size_t width) {
  text.resize(std::max(text.size() + 1, width), ' ');
  return text;
}

std::string base_name(const std::string& path) { return path.substr(path.rfind('/') + 1); }

std::string line(const Answer& answer, const Door& door, Api previous, bool first) {
  std::string text = padded(first || door.api != previous ? api_name(door.api) : "", 10);
  text += padded(door.description, 41);
  if (!answer.error.empty()) {
    return text + "closed: " + answer.error + (answer.library.empty() ? "" : " (" + base_name(answer.library) + ")") +
           '\n';
  }
  const std::size_t count = answer.devices.size();
  text += padded(std::to_string(count) + (count == 1 ? " device" : " devices"), 11);
  return text + padded(answer.version, 18) + base_name(answer.library) + '\n';
}

// The files that the last column names, each once.
std::string files(const std::vector<Answer>& answers) {
  std::set<std::string> distinct;
  for (const Answer& answer : answers) {
    if (!answer.library.empty()) distinct.insert(answer.library);
  }
  std::string text;
  for (const std::string& file : distinct) text += "file      " + file + '\n';
  return text;
}

// Names come from whatever library answered: bytes that are not UTF-8 must not end the report.
nlohmann::ordered_json json_of(const std::vector<Device>& devices) {
  auto list = nlohmann::ordered_json::array();
  for (const Device& device : devices) {
    list.push_back({{"name", device.name},
                    {"uuid", device.uuid},
                    {"pci", device.pci},
                    {"memory", device.memory},
                    {"compute_capability", device.capability}});
  }
  return list;
}

nlohmann::ordered_json json_of(const Answer& answer, const Door& door) {
  return {{"door", answer.door},
          {"api", door.api == Api::nvml ? "nvml" : api_name(door.api)},
          {"description", door.description},
          {"answered", answer.error.empty()},
          {"error", answer.error},
          {"library", answer.library},
          {"api_version", answer.version},
          {"devices", json_of(answer.devices)}};
}

}  // namespace

std::string text_report(const std::vector<Answer>& answers, const Verdict& verdict) {
  std::string text;
  Api previous = Api::driver;
  for (const Answer& answer : answers) {
    const Door& door = *find_door(answer.door);
    text += line(answer, door, previous, &answer == &answers.front());
    previous = door.api;
  }
  text += '\n' + files(answers);
  for (std::size_t i = 0; i < verdict.devices.size(); ++i) {
    const Device& device = verdict.devices[i];
    text += padded("device " + std::to_string(i), 10) + device.name + ", " + std::to_string(device.memory) +
            " bytes, compute capability " + device.capability + ", " + device.uuid + ", " + device.pci + '\n';
  }
  for (const std::string& difference : verdict.differences) text += "differ    " + difference + '\n';
  for (const std::string& note : verdict.notes) text += "note      " + note + '\n';
  return text + summary(verdict) + '\n';
}

std::string json_report(const std::vector<Answer>& answers, const Verdict& verdict) {
  auto list = nlohmann::ordered_json::array();
  for (const Answer& answer : answers) list.push_back(json_of(answer, *find_door(answer.door)));
  const nlohmann::ordered_json report = {{"version", 1},
                                         {"verdict", name(verdict.kind)},
                                         {"summary", summary(verdict)},
                                         {"devices", json_of(verdict.devices)},
                                         {"doors", list},
                                         {"differences", verdict.differences},
                                         {"notes", verdict.notes}};
  return report.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + '\n';
}

}  // namespace vgpu::probe
