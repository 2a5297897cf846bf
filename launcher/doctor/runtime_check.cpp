// The CUDA runtime of a program: linked in statically, or newer than the driver.
#include <algorithm>
#include <charconv>

#include "launcher/doctor/examination.h"
#include "launcher/doctor/text.h"
#include "launcher/os/elf.h"
#include "launcher/plan/driver.h"
#include "shims/device/description.h"

namespace vgpu::doctor {
namespace {

constexpr char kVersionFile[] = "/proc/driver/nvidia/version";

// The driver that a major of CUDA needs at least; CUDA Compatibility, "Minor version compatibility".
const char* needed_driver(int major) {
  switch (major) {
    case 11: return "450.80.02";
    case 12: return "525.60.13";
    case 13: return "580";
    default: return nullptr;
  }
}

// "libcudart.so.13" -> 13; 0 for what is none. Version 11 calls itself libcudart.so.11.0.
int runtime_major(const std::string& soname) {
  constexpr std::string_view kPrefix = "libcudart.so.";
  int major = 0;
  if (soname.starts_with(kPrefix))
    std::from_chars(soname.data() + kPrefix.size(), soname.data() + soname.size(), major);
  return major;
}

struct Driver {
  std::string version;
  Evidence evidence;
};

bool is_version(const std::string& word) {
  int major = 0;
  const auto end = std::from_chars(word.data(), word.data() + word.size(), major);
  return end.ec == std::errc() && end.ptr != word.data() + word.size() && *end.ptr == '.';
}

// "NVRM version: NVIDIA UNIX x86_64 Kernel Module  550.54.15  Tue Mar  5 ..."
Driver kernel_driver(const os::Machine& machine) {
  const auto text = machine.read(kVersionFile, kLargestText);
  if (!text) return {};
  const std::string line = text->substr(0, text->find('\n'));
  for (const std::string& word : split(line, ' ')) {
    if (is_version(word)) return {word, {.file = kVersionFile, .line = 1, .value = line}};
  }
  return {};
}

// Its library has the version in its name: libcuda.so.1 is a link to libcuda.so.550.54.15.
Driver library_driver(const os::Machine& machine, const std::string& library) {
  constexpr std::string_view kPrefix = "libcuda.so.";
  const auto real = machine.real_path(library);
  const std::string name = base_name(real ? *real : library);
  if (!name.starts_with(kPrefix)) return {};
  const std::string version = name.substr(kPrefix.size());
  if (!is_version(version) || os::compare_versions(version, "100") < 0) return {};  // WSL's is called libcuda.so.1.1
  return {version, {.file = library, .value = name}};
}

Driver driver_of(const Subject& subject) {
  if (subject.plan.mode == plan::kSlice) {
    const Driver library = library_driver(subject.machine, subject.plan.real_cuda);
    return library.version.empty() ? kernel_driver(subject.machine) : library;
  }
  device::System system = {};
  char reason[256] = "";
  if (subject.plan.device_wire.empty() || !device::parse(subject.plan.device_wire, system, reason, sizeof reason))
    return {};
  return {system.driver_version,
          {.file = "device " + subject.plan.device, .value = std::string("driver version ") + system.driver_version}};
}

}  // namespace

void check_runtime(const Subject& subject, const LinkClosure& closure, Findings& findings) {
  for (std::size_t i = 1; i < closure.objects.size(); ++i) {  // the program's own is told by the Plan
    const LinkedObject& object = closure.objects[i];
    if (!object.elf.cuda_code || object.elf.registers_cuda_code) continue;
    Finding finding{
        .id = std::string(plan::name(plan::Code::target_static_cudart)),
        .severity = Severity::warning,
        .where = object.path,
        .cause = "it holds CUDA code and its own, statically linked CUDA runtime, which no shim can stand for",
        .fix = "use a build of it that is linked with nvcc -cudart shared"};
    finding.evidence.push_back(
        {.file = object.path, .value = "section .nv_fatbin, and no __cudaRegisterFatBinary from another library"});
    finding.evidence.push_back({.file = closure.objects[object.parent].path, .value = "needs " + object.name});
    findings.push_back(std::move(finding));
  }
  if (!subject.command) return;
  const Driver driver = driver_of(subject);
  if (driver.version.empty()) return;
  const bool real = subject.plan.mode == plan::kSlice;
  // A shim that stands for the runtime gets along with any driver.
  const auto is_preloaded = [&](const std::string& soname) {
    return std::any_of(closure.objects.begin(), closure.objects.end(), [&](const LinkedObject& object) {
      return object.route == Route::preload && object.elf.soname == soname;
    });
  };
  for (const LinkedObject& object : closure.objects) {
    for (const std::string& needed : object.elf.needed) {
      if (is_preloaded(needed)) continue;
      const int major = runtime_major(needed);
      const char* least = needed_driver(major);
      if (least == nullptr || os::compare_versions(driver.version, least) >= 0) continue;
      Finding finding{.id = std::string(name(Failure::driver_too_old)),
                      .severity = real ? Severity::error : Severity::warning,
                      .where = object.path,
                      .cause = "it needs " + needed + ", which needs driver " + least + " or newer, and " +
                               (real ? "the driver is " : "the emulated device has ") + driver.version,
                      .fix = real ? "install the newer driver, or the build for CUDA " + std::to_string(major - 1)
                                  : "correct \"driver\" in the device's description, or use the build for CUDA " +
                                        std::to_string(major - 1)};
      finding.evidence.push_back({.file = object.path, .value = "DT_NEEDED " + needed});
      finding.evidence.push_back(driver.evidence);
      findings.push_back(std::move(finding));
      return;
    }
  }
}

}  // namespace vgpu::doctor
