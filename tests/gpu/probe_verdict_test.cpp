// When the doors agree, and what counts as a difference.
#include <doctest/doctest.h>

#include "launcher/probe/report.h"
#include "launcher/probe/verdict.h"

using namespace vgpu::probe;

namespace {

Device h100(int instance = 0) {
  return {"NVIDIA H100", "GPU-0000000" + std::to_string(instance), "0000:1b:00." + std::to_string(instance),
          85017755648, "9.0"};
}

Answer answer(const std::string& door, std::vector<Device> devices) {
  return {door, "", "/lib/some.so", "CUDA 13.0", std::move(devices)};
}

Answer closed(const std::string& door) { return {door, "no such file", "", "", {}}; }

}  // namespace

TEST_CASE("doors that say the same agree; closed ones do not count") {
  const Verdict verdict = judge({answer("driver.name", {h100()}), closed("driver.path"),
                                 answer("runtime13.name", {h100()}), answer("nvml.name", {h100()})});
  CHECK(verdict.kind == Verdict::Kind::agree);
  CHECK(verdict.answered == 3);
  CHECK(summary(verdict) == "agree: 1 device, NVIDIA H100, 79.2 GiB, GPU-00000000, through 3 of 4 doors");
}

TEST_CASE("no answer at all is not an agreement") {
  const Verdict verdict = judge({closed("driver.name"), closed("nvml.name")});
  CHECK(verdict.kind == Verdict::Kind::no_answer);
  CHECK(summary(verdict) == "no GPU: neither CUDA nor NVML answered through any of 2 doors");
}

TEST_CASE("an answer of no device is not a device") {
  CHECK(judge({answer("driver.name", {})}).kind == Verdict::Kind::no_device);
}

TEST_CASE("each property that differs is a difference, named with both doors") {
  Device other = h100();
  SUBCASE("name") { other.name = "NVIDIA A100"; }
  SUBCASE("UUID") { other.uuid = "GPU-7"; }
  SUBCASE("PCI address") { other.pci = "0000:1c:00.0"; }
  SUBCASE("memory by one byte") { other.memory += 1; }
  SUBCASE("compute capability") { other.capability = "8.0"; }
  const Verdict verdict = judge({answer("driver.name", {h100()}), answer("runtime12.name", {other})});
  CHECK(verdict.kind == Verdict::Kind::disagree);
  REQUIRE(verdict.differences.size() == 1);
  CHECK(verdict.differences[0].starts_with("driver.name and runtime12.name: device 0, "));
}

TEST_CASE("another number of devices or another order is a difference") {
  CHECK(judge({answer("driver.name", {h100(0), h100(1)}), answer("runtime12.name", {h100(0)})}).kind ==
        Verdict::Kind::disagree);
  CHECK(judge({answer("driver.name", {h100(0), h100(1)}), answer("runtime12.name", {h100(1), h100(0)})}).kind ==
        Verdict::Kind::disagree);
}

TEST_CASE("NVML may know more devices than CUDA shows, but not fewer") {
  const Verdict more = judge({answer("driver.name", {h100(1)}), answer("nvml.name", {h100(0), h100(1)})});
  CHECK(more.kind == Verdict::Kind::agree);
  CHECK(more.notes.size() == 1);
  CHECK(judge({answer("driver.name", {h100(0), h100(1)}), answer("nvml.name", {h100(0)})}).kind ==
        Verdict::Kind::disagree);
}

TEST_CASE("NVML may count the driver's own memory, but not less than CUDA") {
  Device nvml = h100();
  nvml.memory += 500 << 20;
  const Verdict verdict = judge({answer("driver.name", {h100()}), answer("nvml.name", {nvml})});
  CHECK(verdict.kind == Verdict::Kind::agree);
  CHECK(verdict.notes.size() == 1);
  nvml.memory = h100().memory - 1;
  CHECK(judge({answer("driver.name", {h100()}), answer("nvml.name", {nvml})}).kind == Verdict::Kind::disagree);
}

TEST_CASE("an answer survives its way from child to parent") {
  Answer sent = answer("driver.name", {h100(0), h100(1)});
  sent.error = "two\nlines";
  const Answer received = from_lines(to_lines(sent));
  CHECK(received.error == "two lines");
  CHECK(received.library == sent.library);
  CHECK(received.version == sent.version);
  CHECK(received.devices == sent.devices);
}

TEST_CASE("half an answer is an error, never a device less") {
  const std::string lines = to_lines(answer("driver.name", {h100(0), h100(1)}));
  CHECK(!from_lines(lines.substr(0, lines.size() / 2)).error.empty());
}

TEST_CASE("a name that is not UTF-8 does not end the JSON report") {
  Device device = h100();
  device.name = "NVIDIA \xff";
  const std::vector<Answer> answers = {answer("driver.name", {device})};
  CHECK(json_report(answers, judge(answers)).find("\"verdict\": \"agree\"") != std::string::npos);
}
