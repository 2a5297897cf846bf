#include "launcher/plan/visible.h"

#include <algorithm>
#include <cstring>
#include <string_view>
#include <vector>

#include "launcher/plan/joined.h"
#include "shims/device/description.h"
#include "shims/device/uuid.h"

namespace vgpu::plan {
namespace {

constexpr char kGpus[] = "/proc/driver/nvidia/gpus";
constexpr std::size_t kLongestInformation = 64 * 1024;

Problems problem(Code code, const std::string& list, std::string cause, std::string fix) {
  return {{.code = code, .where = "--device " + list, .cause = std::move(cause), .fix = std::move(fix), .excerpt = {}}};
}

Problems not_a_list(const std::string& list) {
  return problem(Code::usage, list, "it is neither numbers nor UUIDs of devices",
                 "write 0, GPU-..., or a list of these: 0,2");
}

Problems twice(const std::string& list, const std::string& which) {
  return problem(Code::usage, list, which + " stands in the list twice", "name each device once");
}

bool is_number(std::string_view text) {
  return !text.empty() && text.size() <= 3 && text.find_first_not_of("0123456789") == std::string_view::npos;
}

bool is_uuid(std::string_view text) {
  if (!text.starts_with("GPU-") && !text.starts_with("MIG-")) return false;
  return text.size() > 4 && text.find_first_not_of("0123456789abcdefABCDEF-", 4) == std::string_view::npos;
}

std::vector<std::string> split(const std::string& list, char separator = ',') {
  std::vector<std::string> parts;
  for (std::size_t begin = 0; begin <= list.size();) {
    const std::size_t end = std::min(list.find(separator, begin), list.size());
    parts.push_back(list.substr(begin, end - begin));
    begin = end + 1;
  }
  return parts;
}

bool same_letter(char a, char b) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'F' ? static_cast<char>(c - 'A' + 'a') : c; };
  return lower(a) == lower(b);
}

// As the driver takes it: a UUID may be written in part, as far as it is clear which is meant.
int find(const std::vector<std::string>& known, const std::string& name, bool& ambiguous) {
  int found = -1;
  for (std::size_t i = 0; i < known.size(); ++i) {
    if (known[i].size() < name.size() || !std::equal(name.begin(), name.end(), known[i].begin(), same_letter)) continue;
    ambiguous = ambiguous || found >= 0;
    found = static_cast<int>(i);
  }
  return found;
}

// The places in `known` that the list names.
Result<std::vector<int>> places(const std::string& list, const std::vector<std::string>& known) {
  std::vector<int> chosen;
  for (const std::string& name : split(list)) {
    bool ambiguous = false;
    const int place = is_number(name) ? std::stoi(name) : find(known, name, ambiguous);
    if (ambiguous)
      return problem(Code::device_unknown, list, name + " begins the UUID of more than one device", "write it out");
    if (place < 0 || place >= static_cast<int>(known.size())) {
      return problem(Code::device_unknown, list, "there is no device " + name,
                     known.empty() ? "there is none at all" : "there are, from 0 on: " + joined(known, " "));
    }
    if (std::find(chosen.begin(), chosen.end(), place) != chosen.end())
      return twice(list, "device " + known[static_cast<std::size_t>(place)]);
    chosen.push_back(place);
  }
  return chosen;
}

// The PCI addresses of the GPUs, in their order; none where the driver does not say.
std::vector<std::string> addresses(const os::Machine& machine) {
  auto names = machine.list(kGpus);
  if (!names) return {};
  std::sort(names->begin(), names->end());
  return std::move(*names);
}

// Their UUIDs in that order; none where the driver does not say.
std::vector<std::string> gpus(const os::Machine& machine) {
  std::vector<std::string> uuids;
  for (const std::string& address : addresses(machine)) {
    const auto information = machine.read(std::string(kGpus) + "/" + address + "/information", kLongestInformation);
    const std::size_t at = information ? information->find("GPU-") : std::string::npos;
    if (at == std::string::npos) return {};
    uuids.push_back(information->substr(at, information->find_first_of(" \t\n", at) - at));
    if (!is_uuid(uuids.back())) return {};  // "GPU-????...": one that has not been started yet
  }
  return uuids;
}

// None where it is no wire; `reason` then says why.
std::vector<std::string> uuids_of(std::string_view wire, std::string& reason) {
  std::vector<std::string> uuids;
  device::System system = {};
  char text[160];
  if (!device::parse(wire, system, text, sizeof text)) return reason = text, uuids;
  for (int i = 0; i < system.count; ++i) {
    device::UuidText uuid;
    device::format_uuid(system.devices[i].uuid, uuid);
    uuids.emplace_back(uuid, sizeof uuid - 1);
  }
  return uuids;
}

}  // namespace

bool is_device_list(const std::string& text) {
  const std::vector<std::string> parts = split(text);
  return std::all_of(parts.begin(), parts.end(),
                     [](const std::string& part) { return is_number(part) || is_uuid(part); });
}

Result<std::string> visible_gpus(const os::Machine& machine, const std::string& list, const std::string& enclosing) {
  if (list.empty()) return enclosing;
  if (!is_device_list(list)) return not_a_list(list);
  const std::vector<std::string> named = split(list);
  // An instance of a GPU has a UUID that /proc does not know, and no number.
  const auto is_instance = [](const std::string& name) { return name.starts_with("MIG-"); };
  const std::vector<std::string> known = enclosing.empty() ? gpus(machine) : split(enclosing);
  const bool any_number = std::any_of(named.begin(), named.end(), is_number);
  if (known.empty() || (enclosing.empty() && std::any_of(named.begin(), named.end(), is_instance))) {
    if (any_number) {
      return problem(Code::device_unknown, list,
                     known.empty() ? std::string(kGpus) + " does not tell which GPU that is"
                                   : "a number names no instance of a GPU",
                     "name it by its UUID, as nvidia-smi -L prints it");
    }
    for (std::size_t i = 0; i < named.size(); ++i) {
      if (std::find(named.begin(), named.begin() + static_cast<std::ptrdiff_t>(i), named[i]) !=
          named.begin() + static_cast<std::ptrdiff_t>(i)) {
        return twice(list, named[i]);
      }
    }
    return list;
  }
  const Result<std::vector<int>> chosen = places(list, known);
  if (!chosen) return chosen.error();
  std::vector<std::string> uuids;
  for (const int place : *chosen) uuids.push_back(known[static_cast<std::size_t>(place)]);
  return joined(uuids, ",");
}

Result<Device> visible_emulated(const Device& device, const std::string& list) {
  if (!is_device_list(list)) return not_a_list(list);
  std::string reason;
  const std::vector<std::string> known = uuids_of(device.wire, reason);
  if (!reason.empty()) return problem(Code::device_invalid, list, reason, "use another --emulate");
  const Result<std::vector<int>> chosen = places(list, known);
  if (!chosen) return chosen.error();
  // The system, then a device behind each '|'.
  const std::vector<std::string> parts = split(device.wire, '|');
  std::string wire = parts.front();
  for (const int place : *chosen) wire.append("|").append(parts[static_cast<std::size_t>(place) + 1]);
  return enclosing_device(wire);
}

std::string gpu_addresses(const os::Machine& machine) {
  const std::vector<std::string> all = addresses(machine);
  return all.size() < 2 ? "" : joined(all, ",");
}

std::string emulated_uuids(std::string_view wire) {
  std::string reason;
  return joined(uuids_of(wire, reason), ",");
}

}  // namespace vgpu::plan
