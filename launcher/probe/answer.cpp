#include "launcher/probe/answer.h"

#include <algorithm>
#include <sstream>

namespace vgpu::probe {
namespace {

void put(std::string& lines, const char* key, std::string value) {
  std::replace(value.begin(), value.end(), '\n', ' ');
  lines += std::string(key) + ' ' + value + '\n';
}

}  // namespace

std::string to_lines(const Answer& answer) {
  std::string lines;
  put(lines, "error", answer.error);
  put(lines, "library", answer.library);
  put(lines, "version", answer.version);
  for (const Device& device : answer.devices) {
    put(lines, "name", device.name);
    put(lines, "uuid", device.uuid);
    put(lines, "pci", device.pci);
    put(lines, "memory", std::to_string(device.memory));
    put(lines, "capability", device.capability);
  }
  lines += "end \n";
  return lines;
}

Answer from_lines(const std::string& lines) {
  Answer answer;
  bool complete = false;
  std::istringstream stream(lines);
  for (std::string line; std::getline(stream, line);) {
    const std::size_t space = line.find(' ');
    if (space == std::string::npos) continue;
    const std::string key = line.substr(0, space);
    const std::string value = line.substr(space + 1);
    if (key == "end") complete = true;
    if (key == "error") answer.error = value;
    if (key == "library") answer.library = value;
    if (key == "version") answer.version = value;
    if (key == "name") answer.devices.emplace_back().name = value;  // the first line of a device
    if (answer.devices.empty()) continue;
    Device& device = answer.devices.back();
    if (key == "uuid") device.uuid = value;
    if (key == "pci") device.pci = value;
    if (key == "memory") device.memory = std::stoull(value);
    if (key == "capability") device.capability = value;
  }
  if (!complete && answer.error.empty()) answer.error = "ended in the middle of its answer";
  return answer;
}

}  // namespace vgpu::probe
