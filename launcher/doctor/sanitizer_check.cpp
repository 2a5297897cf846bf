// A shared AddressSanitizer runtime ends the program unless it is the first library behind it.
#include "launcher/doctor/examination.h"
#include "launcher/doctor/text.h"

namespace vgpu::doctor {
namespace {

bool is_runtime(const LinkedObject& object) {
  const std::string name = object.elf.soname.empty() ? base_name(object.path) : object.elf.soname;
  return name.starts_with("libasan.so") || name.starts_with("libclang_rt.asan");
}

}  // namespace

void check_sanitizer(const Subject& subject, const LinkClosure& closure, Findings& findings) {
  if (variable(subject.plan.envp, "ASAN_OPTIONS").find("verify_asan_link_order=0") != std::string::npos) return;
  for (std::size_t i = 2; i < closure.objects.size(); ++i) {
    const LinkedObject& runtime = closure.objects[i];
    if (!is_runtime(runtime)) continue;
    const LinkedObject& first = closure.objects[1];
    if (first.route != Route::preload && first.route != Route::preload_file)
      return;  // then it is the program's own order
    Finding finding{.id = std::string(name(Failure::sanitizer_not_first)),
                    .where = closure.objects[runtime.parent].path,
                    .cause = "its AddressSanitizer runtime ends the program unless it comes first, and " + first.path +
                             " is preloaded in front of it",
                    .fix = "preload it as well, it then stays first: LD_PRELOAD=" + runtime.path +
                           " vgpu-run ..., or set ASAN_OPTIONS=verify_asan_link_order=0"};
    const bool preloaded = runtime.route == Route::preload || runtime.route == Route::preload_file;
    finding.evidence.push_back({.file = closure.objects[runtime.parent].path,
                                .value = (preloaded ? "preloaded " : "DT_NEEDED ") + runtime.name});
    finding.evidence.push_back({.file = "LD_PRELOAD", .value = first.path + " is the first"});
    findings.push_back(std::move(finding));
    return;
  }
}

}  // namespace vgpu::doctor
