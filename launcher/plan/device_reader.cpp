#include "launcher/plan/device_reader.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>
#include <limits>
#include <nlohmann/json.hpp>
#include <set>

#include "shims/device/fields.h"

namespace vgpu::plan {
namespace {

using device::Field;
using device::FieldKind;
using nlohmann::json;

// Gathers what is wrong with one file.
class Complaints {
 public:
  explicit Complaints(const std::string& file) : file_(file) {}

  void add(const std::string& pointer, std::string cause, std::string fix) {
    problems_.push_back({.code = Code::device_invalid,
                         .where = pointer.empty() ? file_ : file_ + " (" + pointer + ")",
                         .cause = std::move(cause),
                         .fix = std::move(fix),
                         .excerpt = {}});
  }

  // Where in `text` the `byte`th byte (from 1) stands, with the line and a caret.
  void add_syntax(std::string_view text, std::size_t byte, const std::string& cause) {
    const std::size_t at = std::min(byte == 0 ? 0 : byte - 1, text.size());
    const std::string_view before = text.substr(0, at);
    const auto line = 1 + std::count(before.begin(), before.end(), '\n');
    const std::size_t start = before.find_last_of('\n') + 1;  // npos + 1 is 0
    std::string shown(text.substr(start, std::min(text.find('\n', start), start + 100) - start));
    for (char& c : shown) c = static_cast<unsigned char>(c) < 0x20 || c == 0x7f ? ' ' : c;
    const std::size_t column = at - start;
    problems_.push_back({.code = Code::device_invalid,
                         .where = file_ + ":" + std::to_string(line) + ":" + std::to_string(column + 1),
                         .cause = cause,
                         .fix = "correct the file",
                         .excerpt = column > 100 ? std::string() : shown + "\n" + std::string(column, ' ') + "^"});
  }

  bool any() const { return !problems_.empty(); }
  Problems take() { return std::move(problems_); }

 private:
  const std::string& file_;
  Problems problems_;
};

std::string quoted(const json& value) {
  std::string text = value.dump(-1, ' ', true, json::error_handler_t::replace);
  if (text.size() > 60) text = text.substr(0, 57) + "...";
  return text;
}

// "from 1 to 4096"
std::string range(const Field& field) {
  return "from " + std::to_string(field.least) + " to " + std::to_string(field.most);
}

bool printable(const std::string& text) {
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7f || c == ';' || c == '|' || c == '=') return false;
  }
  return true;
}

// "0x" and one to eight hexadecimal digits
bool is_hexadecimal(const std::string& text) {
  if (text.size() < 3 || text.size() > 10 || text[0] != '0' || text[1] != 'x') return false;
  return text.find_first_not_of("0123456789abcdefABCDEF", 2) == std::string::npos;
}

// "9.0": ten times major plus minor, or 0
std::uint64_t capability(const std::string& text) {
  const std::size_t dot = text.find('.');
  if (dot == 0 || dot > 2 || text.size() != dot + 2) return 0;
  std::uint64_t value = 0;
  for (const char c : text) {
    if (c == '.') continue;
    if (c < '0' || c > '9') return 0;
    value = 10 * value + static_cast<std::uint64_t>(c - '0');
  }
  return value;
}

std::string field_text(const Field& field, const json& value, const std::string& pointer, Complaints& complaints) {
  switch (field.kind) {
    case FieldKind::integer: {
      // nlohmann keeps a number without sign, fraction and exponent as unsigned; anything else is out of range here.
      const bool whole = value.is_number_unsigned();
      const std::uint64_t number = whole ? value.get<std::uint64_t>() : 0;
      if (whole && number >= field.least && number <= field.most) return std::to_string(number);
      complaints.add(pointer, quoted(value) + " is not a whole number " + range(field),
                     "give a number " + range(field));
      return {};
    }
    case FieldKind::text: {
      const std::string text = value.is_string() ? value.get<std::string>() : std::string();
      if (!text.empty() && text.size() < field.size && printable(text)) return text;
      complaints.add(pointer,
                     quoted(value) + " is not a text of 1 to " + std::to_string(field.size - 1) +
                         " bytes without ';', '|', '=' and control characters",
                     "give such a text");
      return {};
    }
    case FieldKind::hexadecimal: {
      const std::string text = value.is_string() ? value.get<std::string>() : std::string();
      if (is_hexadecimal(text)) return text;
      complaints.add(pointer, quoted(value) + " is not a hexadecimal number of 32 bits",
                     "write it as a string: \"0x233010de\" is device 2330 of vendor 10de");
      return {};
    }
    case FieldKind::capability: {
      const std::string text = value.is_string() ? value.get<std::string>() : std::string();
      const std::uint64_t number = capability(text);
      if (number >= field.least && number <= field.most) return text;
      complaints.add(pointer, quoted(value) + " is not a compute capability", "write it as a string: \"9.0\"");
      return {};
    }
    case FieldKind::address:
    case FieldKind::uuid: break;  // of an instance, never in the file
  }
  return {};
}

const Field* find_field(const std::string& key) {
  for (const Field& field : device::kDeviceFields) {
    if (key == field.key && !field.instance) return &field;
  }
  return nullptr;
}

void read_driver(const json& driver, DeviceKind& kind, Complaints& complaints) {
  if (!driver.is_object()) {
    complaints.add("/driver", quoted(driver) + " is not an object",
                   R"(write {"version": "580.65.06", "cuda": 13000} or leave it out)");
    return;
  }
  for (const auto& [key, value] : driver.items()) {
    const Field* field = key == "version" ? &device::kSystemFields[0]
                         : key == "cuda"  ? &device::kSystemFields[1]
                                          : nullptr;
    if (field == nullptr) {
      complaints.add("/driver/" + key, "unknown key", "use \"version\" and \"cuda\"");
    } else {
      (key == "version" ? kind.driver_version : kind.cuda_version) =
          field_text(*field, value, "/driver/" + key, complaints);
    }
  }
}

void read_sources(const json& sources, Complaints& complaints) {
  bool good = sources.is_array();
  for (const json& source : sources) good = good && source.is_string();
  if (!good) {
    complaints.add("/sources", "not an array of strings", "list where the figures can be read");
  }
}

// FNV-1a with a final mix (MurmurHash3's): enough to give every (id, index) bits of its own.
std::uint64_t hash(std::string_view text, std::uint64_t seed) {
  std::uint64_t value = 0xcbf29ce484222325 ^ seed;
  for (const char c : text) value = (value ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  value = (value ^ (value >> 33)) * 0xff51afd7ed558ccd;
  value = (value ^ (value >> 33)) * 0xc4ceb9fe1a85ec53;
  return value ^ (value >> 33);
}

// RFC 9562 version 8, "custom": made by us, from a hash.
std::string uuid(const std::string& id, std::size_t index) {
  const std::string seed = id + "/" + std::to_string(index);
  const std::uint64_t high = (hash(seed, 1) & 0xffffffffffff0fff) | 0x8000;
  const std::uint64_t low = (hash(seed, 2) & 0x3fffffffffffffff) | 0x8000000000000000;
  std::array<char, 41> text{};
  std::snprintf(text.data(), text.size(), "GPU-%08x-%04x-%04x-%04x-%012llx", static_cast<unsigned>(high >> 32),
                static_cast<unsigned>(high >> 16 & 0xffff), static_cast<unsigned>(high & 0xffff),
                static_cast<unsigned>(low >> 48), static_cast<unsigned long long>(low & 0xffffffffffff));
  return text.data();
}

// Sixteen buses, ascending with the index: 1b, 28, 35 ... de.
std::string address(std::size_t index) {
  std::array<char, 16> text{};
  std::snprintf(text.data(), text.size(), "0000:%02x:00.0", static_cast<unsigned>(0x1b + 13 * index) & 0xff);
  return text.data();
}

}  // namespace

Result<DeviceKind> read_device(std::string_view text, const std::string& file, const std::string& id) {
  Complaints complaints(file);
  DeviceKind kind{.id = id, .values = {}, .driver_version = {}, .cuda_version = {}};
  json root;
  std::set<std::string> keys;
  const auto note_key = [&](int depth, json::parse_event_t event, json& parsed) {
    if (depth != 1 || event != json::parse_event_t::key) return true;
    const auto& key = parsed.get_ref<const std::string&>();
    if (!keys.insert(key).second) complaints.add("/" + key, "stands twice", "remove one of the two");
    return true;
  };
  try {
    root = json::parse(text, note_key);
  } catch (const json::parse_error& error) {
    complaints.add_syntax(text, error.byte, "not JSON");
    return complaints.take();
  }
  if (!root.is_object()) {
    complaints.add("", "not a JSON object", "see share/vgpu-run/schema/device-1.json");
    return complaints.take();
  }
  for (const auto& [key, value] : root.items()) {
    if (key == "$schema" || key == "comment") continue;
    if (key == "sources") {
      read_sources(value, complaints);
    } else if (key == "driver") {
      read_driver(value, kind, complaints);
    } else if (find_field(key) == nullptr) {
      complaints.add("/" + key, "unknown key", "remove it, or see share/vgpu-run/schema/device-1.json");
    }
  }
  for (const Field& field : device::kDeviceFields) {
    if (field.instance) continue;
    const auto found = root.find(field.key);
    if (found == root.end()) {
      complaints.add("", std::string("\"") + field.key + "\" is missing", "add it");
    } else {
      kind.values.push_back({field.key, field_text(field, *found, std::string("/") + field.key, complaints)});
    }
  }
  if (complaints.any()) return complaints.take();
  return kind;
}

std::string device_wire(const std::vector<const DeviceKind*>& kinds) {
  std::string driver, cuda;
  for (const DeviceKind* kind : kinds) {
    if (driver.empty()) driver = kind->driver_version;
    if (cuda.empty()) cuda = kind->cuda_version;
  }
  std::string wire = std::string(device::kSystemFields[0].key) + '=' +
                     (driver.empty() ? kDefaultDriverVersion : driver) + ';' + device::kSystemFields[1].key + '=' +
                     (cuda.empty() ? kDefaultCudaVersion : cuda);
  for (std::size_t i = 0; i < kinds.size(); ++i) {
    const DeviceKind& kind = *kinds[i];
    wire += "|id=" + kind.id;
    for (const DeviceKind::Value& value : kind.values) wire += std::string(";") + value.key + '=' + value.text;
    wire += ";pci_address=" + address(i) + ";uuid=" + uuid(kind.id, i);
  }
  return wire;
}

}  // namespace vgpu::plan
