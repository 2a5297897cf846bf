#include "launcher/plan/device.h"

#include <algorithm>
#include <cstring>
#include <map>
#include <memory>
#include <vector>

#include "launcher/plan/device_reader.h"
#include "launcher/plan/suggest.h"
#include "launcher/plan/trust.h"
#include "shims/contract.h"
#include "shims/device/default_wire.h"
#include "shims/device/description.h"

namespace vgpu::plan {
namespace {

// A description has less than 4 KiB; what is much larger is something else.
constexpr std::size_t kLargestFile = 64 * 1024;

struct Item {
  std::string text;  // as written
  std::string name;  // without the count
  unsigned count = 1;
};

bool is_path(const std::string& name) { return name.find('/') != std::string::npos || name.ends_with(".json"); }

std::string base_name(const std::string& path) { return path.substr(path.find_last_of('/') + 1); }

// The shims take 31 bytes without separators; a path may hold anything.
std::string id_of(const std::string& path) {
  std::string id = base_name(path);
  if (id.ends_with(".json")) id.resize(id.size() - 5);
  for (char& c : id) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte <= 0x20 || byte >= 0x7f || c == ';' || c == '|' || c == '=') c = '_';
  }
  id.resize(std::min(id.size(), sizeof(device::Description::id) - 1));
  return id.empty() ? "device" : id;
}

class Resolver {
 public:
  Resolver(const os::Machine& machine, const std::string& spec, const std::string& share_directory)
      : machine_(machine), spec_(spec), directory_(share_directory + "/devices") {}

  Result<Device> run() {
    const std::vector<Item> items = split();
    unsigned total = 0;
    Device device;
    for (const Item& item : items) {
      if (!kinds_.contains(item.name)) read(item);
      total = std::min(total + item.count, 1000U);
      if (!device.name.empty()) device.name += ',';
      device.name += item.name;
      if (item.count != 1) device.name.append(1, ':').append(std::to_string(item.count));
    }
    if (total > device::kMaxDevices) {
      complain(Code::device_invalid, std::to_string(total) + " devices are asked for",
               "ask for at most " + std::to_string(device::kMaxDevices));
    }
    check_drivers();
    if (!problems_.empty()) return std::move(problems_);
    std::vector<const DeviceKind*> instances;
    for (const Item& item : items) instances.insert(instances.end(), item.count, &kinds_.at(item.name));
    device.wire = device_wire(instances);
    return device;
  }

 private:
  void complain(Code code, std::string cause, std::string fix) {
    problems_.push_back({.code = code,
                         .where = "device '" + spec_ + "'",
                         .cause = std::move(cause),
                         .fix = std::move(fix),
                         .excerpt = {}});
  }

  std::vector<Item> split() {
    std::vector<Item> items;
    std::size_t from = 0;
    while (from <= spec_.size()) {
      const std::size_t comma = std::min(spec_.find(',', from), spec_.size());
      Item item{.text = spec_.substr(from, comma - from), .name = {}};
      from = comma + 1;
      item.name = item.text;
      const std::size_t colon = item.text.find_last_of(':');
      if (colon != std::string::npos && !item.text.ends_with(".json") &&
          item.text.find('/', colon) == std::string::npos) {
        item.name = item.text.substr(0, colon);
        read_count(item.text.substr(colon + 1), item);
      }
      if (item.name.empty()) {
        complain(Code::device_unknown, "an entry of the list has no name",
                 "write NAME or NAME:COUNT, separated by ','");
      }
      items.push_back(std::move(item));
    }
    return items;
  }

  void read_count(const std::string& text, Item& item) {
    const bool digits = !text.empty() && text.find_first_not_of("0123456789") == std::string::npos;
    item.count = digits && text.size() < 5 ? static_cast<unsigned>(std::stoul(text)) : 0;
    if (item.count >= 1 && item.count <= device::kMaxDevices) return;
    item.count = 1;
    complain(Code::device_invalid, "'" + text + "' in '" + item.text + "' is not a number of devices",
             "give a number from 1 to " + std::to_string(device::kMaxDevices));
  }

  void read(const Item& item) {
    kinds_[item.name] = {};  // so that each is reported once
    if (item.name.empty()) return;
    const std::string path = is_path(item.name) ? item.name : directory_ + "/" + item.name + ".json";
    const auto status = machine_.status(path);
    if (!status) return missing(item, path, status.error());
    if (status->kind != os::FileStatus::Kind::regular) {
      return complain(Code::device_unknown, path + " is not a file", "name a device description");
    }
    if (const std::string why = distrust(machine_, *status); !why.empty()) {
      return complain(Code::device_invalid, path + " " + why,
                      "let it belong to root and take the write permission from everybody else");
    }
    const auto text = machine_.read(path, kLargestFile);
    if (!text) {
      return complain(Code::device_invalid, path + ": " + std::strerror(text.error().value),
                      "name a readable device description of at most 64 KiB");
    }
    auto kind = read_device(*text, path, id_of(path));
    if (kind) {
      kinds_[item.name] = std::move(*kind);
    } else {
      const Problems more = kind.error();  // a copy: result::error() returns a value
      problems_.insert(problems_.end(), more.begin(), more.end());
    }
  }

  void missing(const Item& item, const std::string& path, const os::Errno& error) {
    if (is_path(item.name)) {
      return complain(Code::device_unknown, path + ": " + std::strerror(error.value),
                      "name an existing device description");
    }
    std::vector<std::string> known;
    if (const auto names = machine_.list(directory_)) {
      for (const std::string& name : *names) {
        if (name.ends_with(".json")) known.push_back(name.substr(0, name.size() - 5));
      }
    }
    if (known.empty()) {
      return complain(Code::device_unknown, "there is no device '" + item.name + "', and none at all in " + directory_,
                      "install share/vgpu-run beside the program, or name a description by its path");
    }
    std::sort(known.begin(), known.end());
    std::string all;
    for (const std::string& name : known) all += (all.empty() ? "" : ", ") + name;
    const std::string close = suggest(item.name, known);
    complain(Code::device_unknown, "there is no device '" + item.name + "'",
             close.empty() ? "use one of " + all : "did you mean '" + close + "'? There are " + all);
  }

  void check_drivers() {
    const DeviceKind* first = nullptr;
    for (const auto& [name, kind] : kinds_) {
      if (kind.driver_version.empty() && kind.cuda_version.empty()) continue;
      if (first == nullptr) {
        first = &kind;
      } else if (kind.driver_version != first->driver_version || kind.cuda_version != first->cuda_version) {
        complain(Code::device_invalid, "'" + first->id + "' and '" + kind.id + "' name different drivers",
                 "use devices with the same \"driver\", or take it from one of them");
      }
    }
  }

  const os::Machine& machine_;
  const std::string& spec_;
  const std::string directory_;
  std::map<std::string, DeviceKind> kinds_;  // by the name in the list
  Problems problems_;
};

}  // namespace

Result<Device> resolve_device(const os::Machine& machine, const std::string& spec, const std::string& share_directory) {
  if (spec.empty() || spec == device::kDefaultId) return Device{device::kDefaultId, device::kDefaultWire};
  return Resolver(machine, spec, share_directory).run();
}

Result<Device> enclosing_device(const std::string& wire) {
  const auto system = std::make_unique<device::System>();
  char reason[160];
  if (!device::parse(wire, *system, reason, sizeof reason)) {
    return Problems{{.code = Code::device_invalid,
                     .where = contract::kDevice,
                     .cause = std::string("the variable does not describe a device: ") + reason,
                     .fix = "unset it; --emulate chooses the device",
                     .excerpt = {}}};
  }
  Device device{.name = {}, .wire = wire};
  for (int i = 0; i < system->count;) {
    int same = i + 1;
    while (same < system->count && std::strcmp(system->devices[same].id, system->devices[i].id) == 0) ++same;
    device.name.append(device.name.empty() ? "" : ",").append(system->devices[i].id);
    if (same - i > 1) device.name.append(":").append(std::to_string(same - i));
    i = same;
  }
  return device;
}

}  // namespace vgpu::plan
