// What is said of processes that real ones cannot easily be made into: on a machine in memory.
#include "launcher/verify/judgement.h"

#include <doctest/doctest.h>

#include <cstring>

#include "launcher/os/memory_machine.h"
#include "launcher/verify/report.h"
#include "shims/cuda/status.h"
#include "shims/exec/status.h"
#include "shims/syscall/status.h"
#include "tests/unit/process_image.h"

using namespace vgpu;
using namespace vgpu::verify;
using test::ProcessImage;

namespace {

const std::vector<std::string> kShims = {"/opt/libvgpu-exec.so", "/opt/libvgpu-cuda.so"};

std::string strings(const std::vector<std::string>& all) {
  std::string text;
  for (const std::string& one : all) text += one + '\0';
  return text;
}

std::string auxiliary_bytes(bool secure) {
  const std::uint64_t words[] = {3, ProcessImage::kHeaders, 4, 56, 5, 3, 7, 1, 23, secure ? 1U : 0U, 0, 0};
  return std::string(reinterpret_cast<const char*>(words), sizeof words);
}

// A process 50 with its files under /proc; its memory only where an image is given.
os::MemoryMachine machine_with(const std::vector<std::string>& environment, const std::string& maps,
                               bool secure = false) {
  os::MemoryMachine machine;
  machine.add("/proc/50/stat", "50 (prog) S 1 1 1 0 -1 4194560 0 0 0 0 0 0 0 0 20 0 1 0 77 0");
  machine.add("/proc/50/environ", strings(environment));
  machine.add("/proc/50/cmdline", strings({"prog"}));
  machine.add("/proc/50/auxv", auxiliary_bytes(secure));
  if (!maps.empty()) machine.add("/proc/50/maps", maps);
  machine.add_link("/proc/50/exe", "/bin/prog");
  return machine;
}

const std::string kGiven = "VGPU_PRELOAD=/opt/libvgpu-exec.so:/opt/libvgpu-cuda.so";
const std::string kPreload = "LD_PRELOAD=/opt/libvgpu-exec.so:/opt/libvgpu-cuda.so";
const std::string kExecMapped = "1-2 r-xp 0 fe:00 1 /opt/libvgpu-exec.so\n";
const std::string kCudaMapped = "3-4 r-xp 0 fe:00 2 /opt/libvgpu-cuda.so\n";

Judgement judged(const os::Machine& machine, const Expectation& plan = {}) {
  const Report report = examine(machine, 50, plan);
  REQUIRE(report.members.size() == 1);
  return report.members.front().judgement;
}

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

}  // namespace

TEST_CASE("without the right to its memory, the mapped files tell what is there, and that this is all") {
  Judgement judgement = judged(machine_with({kGiven, kPreload}, kCudaMapped + kExecMapped));
  CHECK(judgement.finding == Finding::order_unknown);
  CHECK(has(judgement.reason, "in which order they stand cannot be read"));
  CHECK(judgement.carried.size() == 2);

  judgement = judged(machine_with({kGiven, kPreload}, kExecMapped));
  CHECK(judgement.finding == Finding::environment_only);
  CHECK(has(judgement.reason, "its environment says yes, its link map says no"));
  CHECK(judgement.missing == std::vector<std::string>{kShims[1]});
  REQUIRE(judgement.notes.size() == 1);
  CHECK(has(judgement.notes[0], "from the mapped files alone"));

  judgement = judged(machine_with({kGiven, kPreload}, "1-2 r-xp 0 fe:00 1 /bin/prog\n", true));
  CHECK(judgement.finding == Finding::secure);
  CHECK(has(judgement.reason, "its environment says yes, its link map says no: AT_SECURE"));
}

TEST_CASE("nothing may be read") {
  os::MemoryMachine machine = machine_with({kGiven}, "");
  machine.add("/proc/50/auxv", auxiliary_bytes(false), 0);
  machine.add("/proc/50/environ", "", 0);
  machine.set_credentials({.uid = 7, .euid = 7, .gid = 7, .egid = 7, .secure = false});
  const Judgement judgement = judged(machine, {kShims, false});
  CHECK(judgement.finding == Finding::no_rights);
  CHECK_FALSE(judgement.environment_says);
}

TEST_CASE("the process ended, or was another one when it was named") {
  const os::MemoryMachine machine = machine_with({kGiven, kPreload}, kExecMapped);
  os::ProcessStatus before = *process_status(machine, 50);
  before.start = 76;
  const Observation seen = observe(machine, before);
  CHECK(seen.gone);
  CHECK(judge(machine, seen, {}, {}).finding == Finding::ended);
  CHECK(family(machine, 51).empty());
  CHECK(verdict(examine(machine, 51, {})) == Verdict::cannot_tell);
}

TEST_CASE("which shims there should be") {
  const auto expected = [](const std::vector<std::string>& environment, const Expectation& plan) {
    return judged(machine_with(environment, kExecMapped), plan).expected;
  };
  const std::vector<std::string> plan = {"/opt/liba.so"};
  CHECK(expected({kGiven}, {plan, false}) == kShims);  // what it was given
  CHECK(expected({kGiven}, {plan, true}) == plan);     // what somebody asks for
  CHECK(expected({}, {plan, false}) == plan);
  CHECK(judged(machine_with({}, kExecMapped), {}).finding == Finding::nothing_to_carry);
  // ld.so obeys the last LD_PRELOAD.
  CHECK(judged(machine_with({"LD_PRELOAD=/x", kGiven, kPreload}, kExecMapped)).environment_says == true);
  CHECK(judged(machine_with({kPreload, kGiven, "LD_PRELOAD=/x"}, kExecMapped)).environment_says == false);
}

TEST_CASE("the link map, and the initialisation order that follows from it") {
  const auto seen = [](const std::vector<ProcessImage::Object>& objects) {
    os::MemoryMachine machine = machine_with({kGiven, kPreload}, kExecMapped);
    ProcessImage image(64);
    image.build(objects);
    machine.add_memory(50, ProcessImage::kBase, image.bytes());
    return judged(machine);
  };
  const ProcessImage::Object program = {"", "", {"libc.so.6"}, {}}, libc = {"/lib/libc.so.6", "libc.so.6", {}, {}};
  const ProcessImage::Object exec = {kShims[0], "libvgpu-exec.so", {}, {}},
                             cuda = {kShims[1], "libcuda.so.1", {"libc.so.6"}, {}};
  Judgement judgement = seen({program, exec, cuda, libc});
  CHECK(judgement.finding == Finding::carries);
  CHECK(judgement.init_order == std::vector<std::string>{kShims[1], kShims[0]});

  // A needed one is initialised first, and a circle of needs ends.
  ProcessImage::Object needs = cuda, needed = exec;
  needs.needed = {"libvgpu-exec.so"};
  needed.needed = {"libcuda.so.1"};
  judgement = seen({program, exec, needs, libc});
  CHECK(judgement.init_order == std::vector<std::string>{kShims[0], kShims[1]});
  CHECK(seen({program, needed, needs, libc}).init_order.size() == 2);

  judgement = seen({program, cuda, exec, libc});
  CHECK(judgement.finding == Finding::order);
  CHECK(judgement.carried == std::vector<std::string>{kShims[1], kShims[0]});
  CHECK(seen({program, exec, libc, cuda}).finding == Finding::order);
  CHECK(seen({program, exec, cuda, libc, {"/usr/libcuda.so.1", "libcuda.so.1", {}, {}}}).finding == Finding::bypassed);
  CHECK(seen({program, exec, {"/usr/libcuda.so.1", "libcuda.so.1", {}, {}}, cuda, libc}).finding ==
        Finding::foreign_won);
  CHECK(seen({program, exec, {"/usr/libcuda.so.1", "libcuda.so.1", {}, {}}, libc}).finding ==
        Finding::environment_only);
}

TEST_CASE("records of the shims") {
  const auto bytes = [](const auto& record) {
    const auto* begin = reinterpret_cast<const unsigned char*>(&record);
    return std::vector<unsigned char>(begin, begin + sizeof record);
  };
  ExecStatus exec = {ExecStatus::kMagic, ExecStatus::kVersion, sizeof(ExecStatus), 1, {}, 18, 0, {}};
  exec.calls[0] = 2;
  exec.calls[10] = 3;
  for (UnshimmedChild& child : exec.ring)
    child = {5, static_cast<std::uint8_t>(propagate::Reason::static_program), 0, {}};
  std::memset(exec.ring[1].name, 'x', sizeof exec.ring[1].name);  // not closed
  exec.ring[2].reason = 250;                                      // no such reason
  const auto record = decode_exec(bytes(exec));
  REQUIRE(record);
  CHECK(record->calls == 5);
  CHECK(record->unshimmed == 18);
  CHECK(record->refused.size() == 15);
  CHECK(record->refused.back().name == std::string(26, 'x'));
  exec.magic = 1;
  CHECK_FALSE(decode_exec(bytes(exec)));
  CHECK_FALSE(decode_exec({}));

  redirect::Status syscall = {};
  std::memcpy(syscall.magic, "vgpusys1", 8);
  syscall.size = sizeof syscall;
  syscall.state = redirect::State::refused;
  syscall.reason = redirect::Reason::code_is_sealed;
  std::memcpy(syscall.runtime, "go", 3);
  std::memset(syscall.version, 'v', sizeof syscall.version);
  const auto redirected = decode_syscall(bytes(syscall));
  REQUIRE(redirected);
  CHECK(redirected->state == "refused");
  CHECK(has(redirected->reason, "the kernel forbids"));
  CHECK(redirected->runtime == "go " + std::string(32, 'v'));
  syscall.state = static_cast<redirect::State>(99);
  CHECK_FALSE(decode_syscall(bytes(syscall)));

  cuda::Status cuda = {{'v', 'g', 'p', 'u', 'c', 'u', 'd', '1'}, sizeof cuda, 1, 0, 2, 4, 13000, 99};
  REQUIRE(decode_cuda(bytes(cuda)));
  CHECK(decode_cuda(bytes(cuda))->visible == 2);
  cuda.size = 8;
  CHECK_FALSE(decode_cuda(bytes(cuda)));
}
