// The host's /etc/ld.so.preload: what stands there is in every program, behind LD_PRELOAD.
#include <algorithm>

#include "launcher/doctor/examination.h"
#include "launcher/doctor/text.h"
#include "launcher/os/elf.h"
#include "launcher/plan/library_search.h"
#include "launcher/plan/preload_file.h"
#include "shims/contract.h"

namespace vgpu::doctor {
namespace {

// Our own version node: a library that has it is a shim, wherever it was copied to.
constexpr char kOurNode[] = "VGPU_1";

unsigned line_of(std::string_view text, std::string_view entry) {
  unsigned line = 1;
  for (std::size_t begin = 0; begin <= text.size(); ++line) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    std::string_view one = text.substr(begin, end - begin);
    one = one.substr(0, one.find('#'));
    if (one.find(entry) != std::string_view::npos) return line;
    begin = end + 1;
  }
  return 0;
}

bool wraps_exec(std::span<const unsigned char> bytes) {
  for (const os::DynamicSymbol& symbol : os::dynamic_symbols(bytes)) {
    if (symbol.defined && (symbol.name == "execve" || symbol.name == "execv" || symbol.name == "posix_spawn"))
      return true;
  }
  return false;
}

std::string stands_for(const plan::Plan& plan, const std::string& soname) {
  for (const plan::Place& place : plan.places) {
    for (const plan::Shim& shim : plan.manifest.shims) {
      if (place.foreign || shim.name != place.name || soname.empty()) continue;
      for (const plan::Soname& one : shim.sonames) {
        if (one.name == soname) return shim.name;
      }
    }
  }
  return {};
}

}  // namespace

void check_preload_file(const Subject& subject, Findings& findings) {
  const std::string path = contract::kPreloadFile;
  const auto text = subject.machine.read(path, kLargestText);
  if (!text) return;
  const plan::PreloadFile file = plan::read_preload_file(*text);
  if (file.ours) return;  // we are inside scope namespace
  for (const std::string& entry : file.libraries) {
    const auto say = [&](Severity severity, std::string cause, std::string fix) {
      Finding finding{.id = std::string(name(Failure::preload_file_conflict)),
                      .severity = severity,
                      .where = path,
                      .cause = std::move(cause),
                      .fix = std::move(fix)};
      finding.evidence.push_back({.file = path, .line = line_of(*text, entry), .value = entry});
      finding.evidence.push_back(describe_file(subject.machine, entry));
      findings.push_back(std::move(finding));
    };
    const auto found = plan::find_preload(subject.machine, subject.plan.target, {}, entry);
    if (!found) {
      say(Severity::warning,
          "it names " + entry + ", which ld.so cannot load: every program on this machine says so when it starts",
          "take the line out, or install the file");
      continue;
    }
    const auto view = subject.machine.view(*found);
    const auto status = subject.machine.status(*found);
    if (!view || !status) continue;
    const auto elf = os::read_elf((*view)->bytes());
    if (!elf) continue;
    const auto same = [&](const std::string& shim) {
      const auto one = subject.machine.status(shim);
      return one && one->device == status->device && one->inode == status->inode;
    };
    if (std::any_of(subject.plan.preload.begin(), subject.plan.preload.end(), same)) {
      say(Severity::warning,
          "it puts the shim " + entry + " into every program on this machine, without order, device or preflight",
          "take the line out, and start under vgpu-run what shall have a virtual GPU");
    } else if (std::find(elf->defines.begin(), elf->defines.end(), kOurNode) != elf->defines.end()) {
      say(Severity::error,
          "it puts another copy of a shim, " + entry + ", into every program: beside ours that is two sets of devices",
          "take the line out");
    } else if (const std::string shim = stands_for(subject.plan, elf->soname); !shim.empty()) {
      say(Severity::error,
          "it loads " + entry + " behind the shim " + shim + ", whose SONAME " + elf->soname +
              " it has as well: who holds its handle does not get the shim",
          "take the line out");
    } else if (wraps_exec((*view)->bytes())) {
      say(Severity::warning,
          entry +
              " stands in for exec calls, too: it works behind libvgpu-exec, and sees calls that this one "
              "makes",
          "take the line out if children lose their shims");
    }
  }
}

}  // namespace vgpu::doctor
