// The virtual devices from both ends: what --emulate makes of a list, and what the shims make of the text it becomes.
#include <doctest/doctest.h>

#include <cstring>
#include <fstream>
#include <random>
#include <set>
#include <sstream>
#include <string>

#include "launcher/os/memory_machine.h"
#include "launcher/os/real_machine.h"
#include "launcher/plan/device.h"
#include "launcher/plan/device_reader.h"
#include "shims/device/default_wire.h"
#include "shims/device/description.h"
#include "shims/device/fields.h"

namespace {

using namespace vgpu;

std::string shipped(const std::string& id) {
  std::ifstream file(std::string(VGPU_CONFIG_DIR) + "/devices/" + id + ".json");
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  const std::size_t at = text.find(from);
  REQUIRE(at != std::string::npos);
  return text.replace(at, from.size(), to);
}

// A machine with the shipped h100, a100 and l4 under /share.
os::MemoryMachine machine() {
  os::MemoryMachine made;
  for (const char* id : {"h100", "a100", "l4"}) made.add(std::string("/share/devices/") + id + ".json", shipped(id));
  return made;
}

device::System parsed(const std::string& wire) {
  device::System system;
  char reason[200];
  const bool good = device::parse(wire, system, reason, sizeof reason);
  INFO(reason);
  CHECK(good);
  return system;
}

std::string failure(const std::string& wire) {
  device::System system;
  std::memset(&system, 0x5a, sizeof system);
  char reason[200] = "?";
  CHECK_FALSE(device::parse(wire, system, reason, sizeof reason));
  CHECK(system.count == 0);
  return reason;
}

// All causes and fixes in one text.
std::string told(const plan::Result<plan::Device>& result) {
  if (result) return "success";
  std::string text;
  for (const plan::Problem& problem : result.error()) {
    text += problem.where + ": " + problem.cause + "; " + problem.fix + "\n" + problem.excerpt + "\n";
  }
  return text;
}

bool says(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

}  // namespace

TEST_CASE("the embedded default is one H100 of a driver for CUDA 13") {
  const device::System system = parsed(device::kDefaultWire);
  REQUIRE(system.count == 1);
  CHECK(std::stoi(system.driver_version) >= 580);
  CHECK(system.cuda_version >= 13000);
  const device::Description& h100 = system.devices[0];
  CHECK(std::string(h100.id) == "h100");
  CHECK(std::string(h100.name) == "NVIDIA H100 80GB HBM3");
  CHECK(h100.cc_major == 9);
  CHECK(h100.cc_minor == 0);
  CHECK(h100.memory == 85017755648);
  CHECK(h100.sms == 132);
  CHECK(h100.bar1 == std::uint64_t{128} << 30);
  CHECK(h100.pci_device_id == 0x233010de);
  CHECK(h100.pci_bus == 0x1b);
}

TEST_CASE("the default costs no look at the machine") {
  const os::MemoryMachine empty;
  for (const char* spec : {"", "h100"}) {
    const auto device = plan::resolve_device(empty, spec, "/nowhere");
    REQUIRE(device.has_value());
    CHECK(device->name == "h100");
    CHECK(device->wire == device::kDefaultWire);
  }
}

TEST_CASE("every shipped description is good, names its sources and survives the wire") {
  const os::RealMachine real;
  const auto files = real.list(std::string(VGPU_CONFIG_DIR) + "/devices");
  REQUIRE(files.has_value());
  std::size_t count = 0;
  for (const std::string& file : *files) {
    const std::string id = file.substr(0, file.size() - 5);
    const auto kind = plan::read_device(shipped(id), file, id);
    REQUIRE_MESSAGE(kind.has_value(), file);
    const device::System system = parsed(plan::device_wire({&*kind}));
    CHECK(std::string(system.devices[0].id) == id);
    CHECK((system.devices[0].pci_device_id & 0xffff) == 0x10de);
    CHECK(says(shipped(id), "\"sources\": [\n    \""));
    ++count;
  }
  CHECK(count >= 10);
}

TEST_CASE("a list gives devices in order, distinct and the same each time") {
  const auto both = plan::resolve_device(machine(), "h100:2,l4", "/share");
  REQUIRE(both.has_value());
  CHECK(both->name == "h100:2,l4");
  CHECK(both->wire == plan::resolve_device(machine(), "h100:2,l4", "/share")->wire);
  const device::System system = parsed(both->wire);
  REQUIRE(system.count == 3);
  CHECK(std::string(system.devices[1].name) == "NVIDIA H100 80GB HBM3");
  CHECK(std::string(system.devices[2].name) == "NVIDIA L4");

  const device::System many = parsed(plan::resolve_device(machine(), "a100:16", "/share")->wire);
  REQUIRE(many.count == device::kMaxDevices);
  std::set<std::string> uuids;
  for (int i = 0; i < many.count; ++i) {
    const device::Description& device = many.devices[i];
    uuids.insert(std::string(reinterpret_cast<const char*>(device.uuid), 16));
    CHECK((device.uuid[6] >> 4) == 8);       // RFC 9562: version 8
    CHECK((device.uuid[8] & 0xc0) == 0x80);  // and its variant
    if (i > 0) CHECK(device.pci_bus > many.devices[i - 1].pci_bus);
  }
  CHECK(uuids.size() == 16);
}

TEST_CASE("a path names a description, with a count too") {
  os::MemoryMachine made = machine();
  made.add("/home/me/my:device.json", replaced(shipped("l4"), "NVIDIA L4", "My GPU"));
  const auto device = plan::resolve_device(made, "/home/me/my:device.json:3", "/share");
  INFO(told(device));
  REQUIRE(device.has_value());
  const device::System system = parsed(device->wire);
  CHECK(system.count == 3);
  CHECK(std::string(system.devices[2].name) == "My GPU");
  CHECK(std::string(system.devices[0].id) == "my:device");
  CHECK(plan::resolve_device(made, "/home/me/my:device.json", "/share").has_value());
}

TEST_CASE("a name that does not exist is answered with the ones that do") {
  const std::string text = told(plan::resolve_device(machine(), "a10", "/share"));
  CHECK(says(text, "there is no device 'a10'"));
  CHECK(says(text, "did you mean 'a100'? There are a100, h100, l4"));
  CHECK(says(told(plan::resolve_device(machine(), "voodoo2", "/share")), "use one of a100, h100, l4"));
  CHECK(says(told(plan::resolve_device(machine(), "../secret", "/share")), "No such file"));
}

TEST_CASE("counts outside 1 to 16 are refused, and everything wrong is said at once") {
  for (const char* spec :
       {"a100:0", "a100:17", "a100:", "a100:x", "a100:-1", "a100:99999999999999999999", "a100:9,l4:8"}) {
    CHECK_MESSAGE(!plan::resolve_device(machine(), spec, "/share"), spec);
  }
  const auto bad = plan::resolve_device(machine(), "a100:0,nothing,,l4:99", "/share");
  REQUIRE(!bad);
  CHECK(bad.error().size() == 4);
}

TEST_CASE("figures out of range are named with pointer and range, all at once") {
  os::MemoryMachine made = machine();
  std::string text = replaced(shipped("l4"), "\"multiprocessors\": 58", "\"multiprocessors\": 0");
  text = replaced(text, "\"copy_engines\": 2", "\"copy_engines\": -2");
  text = replaced(text, "\"8.9\"", "8.9");
  text = replaced(text, "\"ecc\": 1", "\"ecc\": 1.5");
  text = replaced(text, "\"brand\"", "\"brant\"");
  text = replaced(text, "\"NVIDIA L4\"", "\"A;B\"");
  made.add("/x.json", text);
  const std::string all = told(plan::resolve_device(made, "/x.json", "/share"));
  INFO(all);
  CHECK(says(all, "/x.json (/multiprocessors): 0 is not a whole number from 1 to 4096"));
  CHECK(says(all, "(/copy_engines): -2"));
  CHECK(says(all, "(/compute_capability): 8.9 is not a compute capability"));
  CHECK(says(all, "(/ecc): 1.5"));
  CHECK(says(all, "(/brant): unknown key"));
  CHECK(says(all, "\"brand\" is missing"));
  CHECK(says(all, "(/name): \"A;B\""));
}

TEST_CASE("what is not JSON is shown with line, column and caret") {
  os::MemoryMachine made = machine();
  made.add("/x.json", "{\n  \"name\": oops\n}\n");
  const std::string text = told(plan::resolve_device(made, "/x.json", "/share"));
  INFO(text);
  CHECK(says(text, "/x.json:2:"));
  CHECK(says(text, "  \"name\": oops\n"));
  CHECK(says(text, "^"));
  made.add("/twice.json", replaced(shipped("l4"), "\"ecc\": 1", "\"ecc\": 0,\n  \"ecc\": 1"));
  CHECK(says(told(plan::resolve_device(made, "/twice.json", "/share")), "(/ecc): stands twice"));
  for (const char* content : {"", "[]", "null", "{", "\xff\xfe", "{\"a\":"}) {
    made.add("/x.json", content);
    CHECK_MESSAGE(!plan::resolve_device(made, "/x.json", "/share"), content);
  }
  made.add("/x.json", std::string(60000, '['));
  CHECK(!plan::resolve_device(made, "/x.json", "/share"));
  made.add("/x.json", std::string(70000, ' '));
  CHECK(says(told(plan::resolve_device(made, "/x.json", "/share")), "at most 64 KiB"));
}

TEST_CASE("root believes only root's files") {
  os::MemoryMachine made = machine();
  os::MemoryMachine::File& file = made.add("/x.json", shipped("l4"));
  made.set_credentials({.uid = 0, .euid = 0, .secure = false});
  CHECK(plan::resolve_device(made, "/x.json", "/share").has_value());
  file.mode = 0666;
  CHECK(says(told(plan::resolve_device(made, "/x.json", "/share")), "is writable by others, and we are root"));
  file.mode = 0644;
  file.uid = 1000;
  CHECK(says(told(plan::resolve_device(made, "/x.json", "/share")), "belongs to user 1000"));
  made.set_credentials({.uid = 1000, .euid = 1000, .secure = false});
  CHECK(plan::resolve_device(made, "/x.json", "/share").has_value());
}

TEST_CASE("a description may name its driver, two may not disagree") {
  os::MemoryMachine made = machine();
  const auto with = [&](const std::string& version) {
    return replaced(shipped("l4"), "\"ecc\"",
                    "\"driver\": {\"version\": \"" + version + "\", \"cuda\": 12040},\n  \"ecc\"");
  };
  made.add("/old.json", with("550.54.14"));
  made.add("/other.json", with("535.1"));
  const device::System system = parsed(plan::resolve_device(made, "/old.json", "/share")->wire);
  CHECK(std::string(system.driver_version) == "550.54.14");
  CHECK(system.cuda_version == 12040);
  CHECK(says(told(plan::resolve_device(made, "/old.json,/other.json", "/share")), "different drivers"));
}

TEST_CASE("the wire parser says what is wrong") {
  const std::string good = device::kDefaultWire;
  CHECK(says(failure(""), "driver_version is missing"));
  CHECK(says(failure(replaced(good, ";ecc=1", "")), "ecc is missing (device 0)"));
  CHECK(says(failure(replaced(good, ";ecc=1", ";ecc=2")), "ecc: '2' is not a number from 0 to 1"));
  CHECK(says(failure(replaced(good, ";ecc=1", ";ecc=1;ecc=1")), "ecc stands twice"));
  CHECK(says(failure(replaced(good, ";ecc=1", ";ecc")), "'ecc' has no value"));
  CHECK(says(failure(replaced(good, "memory_bytes=85017755648", "memory_bytes=18446744073709551616")), "memory_bytes"));
  CHECK(says(failure(replaced(good, "0000:1b:00.0", "0000:1b")), "pci_address"));
  CHECK(says(failure(replaced(good, "0000:1b:00.0", "0000:1b:00.1")), "pci_address"));
  CHECK(says(failure(replaced(good, "uuid=GPU-", "uuid=GPU+")), "uuid"));
  CHECK(says(failure(good + "|" + good.substr(good.find('|') + 1)), "have the same uuid"));
  std::string seventeen = plan::resolve_device(machine(), "a100:16", "/share")->wire;
  CHECK(says(failure(seventeen + "|" + good.substr(good.find('|') + 1)), "more than 16 devices"));
  CHECK(parsed(replaced(good, ";ecc=1", ";ecc=1;later=x")).count == 1);  // unknown keys are for newer shims
  CHECK(parsed("driver_version=1;cuda_version=13000").count == 0);       // a driver without a device
  char reason[8];
  device::System system;
  CHECK_FALSE(device::parse("nonsense", system, reason, sizeof reason));
  CHECK(std::strlen(reason) == 7);
  CHECK_FALSE(device::parse("nonsense", system, nullptr, 0));
}

TEST_CASE("no damage to the wire is fatal") {
  const std::string good = plan::resolve_device(machine(), "h100:2,l4", "/share")->wire;
  std::mt19937 random(7);
  for (int round = 0; round < 20000; ++round) {
    std::string wire = good;
    for (unsigned hits = 1 + random() % 4; hits > 0; --hits) {
      const std::size_t at = random() % wire.size();
      switch (random() % 3) {
        case 0: wire[at] = static_cast<char>(random()); break;
        case 1: wire.erase(at, random() % 20); break;
        default: wire.insert(at, wire.substr(random() % wire.size(), random() % 20)); break;
      }
      if (wire.empty()) break;
    }
    device::System system;
    char reason[64];
    if (!device::parse(wire, system, reason, sizeof reason)) {
      CHECK(system.count == 0);
      CHECK(reason[0] != '\0');
    }
  }
}
