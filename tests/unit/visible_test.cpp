// Which GPUs a slice has: numbers as nvidia-smi counts, UUIDs in part, and what cannot be known.
#include "launcher/plan/visible.h"

#include <doctest/doctest.h>

#include "launcher/os/memory_machine.h"

using namespace vgpu;
using namespace vgpu::plan;

namespace {

constexpr char kFirst[] = "GPU-aaaa1111-0000-0000-0000-000000000001";
constexpr char kSecond[] = "GPU-aaaa2222-0000-0000-0000-000000000002";
constexpr char kThird[] = "GPU-bbbb3333-0000-0000-0000-000000000003";

os::MemoryMachine machine() {
  os::MemoryMachine made;
  const auto add = [&](const char* address, const char* uuid) {
    made.add(std::string("/proc/driver/nvidia/gpus/") + address + "/information",
             std::string("Model: \t\t NVIDIA H200\nIRQ:   \t\t 50\nGPU UUID: \t ") + uuid + "\nVideo BIOS: \t 96.00\n");
  };
  add("0000:c1:00.0", kThird);
  add("0000:1b:00.0", kFirst);
  add("0000:5d:00.0", kSecond);
  return made;
}

std::string good(const os::MemoryMachine& on, const std::string& list, const std::string& enclosing = "") {
  const auto visible = visible_gpus(on, list, enclosing);
  REQUIRE(visible.has_value());
  return *visible;
}

Code bad(const os::MemoryMachine& on, const std::string& list, const std::string& enclosing = "") {
  const auto visible = visible_gpus(on, list, enclosing);
  REQUIRE(visible.has_error());
  const Problems problems = visible.error();
  CHECK_FALSE(problems[0].fix.empty());
  return problems[0].code;
}

}  // namespace

TEST_CASE("numbers are places in the order of PCI addresses, UUIDs may be written in part") {
  const os::MemoryMachine on = machine();
  CHECK(good(on, "").empty());
  CHECK(good(on, "0") == kFirst);
  CHECK(good(on, "2,0") == std::string(kThird) + "," + kFirst);
  CHECK(good(on, "GPU-AAAA2") == kSecond);
  CHECK(good(on, std::string(kThird) + ",1") == std::string(kThird) + "," + kSecond);
  CHECK(bad(on, "3") == Code::device_unknown);
  CHECK(bad(on, "GPU-aaaa") == Code::device_unknown);  // two begin so
  CHECK(bad(on, "GPU-cccc") == Code::device_unknown);
  CHECK(bad(on, "0,GPU-aaaa1") == Code::usage);
  CHECK(bad(on, "all") == Code::usage);
  CHECK(bad(on, "0,") == Code::usage);
}

TEST_CASE("inside, numbers count among what the launch outside has") {
  const os::MemoryMachine on = machine();
  const std::string outer = good(on, "2,0");
  CHECK(good(on, "", outer) == outer);
  CHECK(good(on, "0", outer) == kThird);
  CHECK(good(on, "GPU-aaaa", outer) == kFirst);
  CHECK(bad(on, "2", outer) == Code::device_unknown);
  CHECK(bad(on, kSecond, outer) == Code::device_unknown);
}

TEST_CASE("where the driver does not tell, a UUID is believed and a number is not guessed") {
  os::MemoryMachine on;
  CHECK(good(on, kSecond) == kSecond);
  CHECK(bad(on, "0") == Code::device_unknown);
  CHECK(bad(on, std::string(kFirst) + "," + kFirst) == Code::usage);
  CHECK(good(machine(), "MIG-c6d4f1ef") == "MIG-c6d4f1ef");
  CHECK(bad(machine(), "MIG-c6d4f1ef,0") == Code::device_unknown);
  on = machine();
  on.add("/proc/driver/nvidia/gpus/0000:ff:00.0/information", "GPU UUID: \t GPU-\?\?\?\n");
  CHECK(bad(on, "0") == Code::device_unknown);
}
