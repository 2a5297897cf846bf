// Preloaded libraries that want an executable stack.
#include "launcher/doctor/examination.h"
#include "launcher/doctor/text.h"

namespace vgpu::doctor {

void check_stack(const Subject& subject, const LinkClosure& closure, Findings& findings) {
  for (const LinkedObject& object : closure.objects) {
    if (object.route != Route::preload && object.route != Route::preload_file) continue;
    // Without the header it is the architecture's default that counts: on x86-64 that is executable.
    const bool wants = object.elf.executable_stack || !object.elf.has_stack_header;
    if (!wants) continue;
    Finding finding{.id = std::string(name(Failure::shim_executable_stack)),
                    .severity = subject.stack_is_sealed ? Severity::error : Severity::warning,
                    .where = object.path,
                    .cause = subject.stack_is_sealed
                                 ? "it wants an executable stack, which is forbidden here: ld.so says so and "
                                   "goes on without it"
                                 : "it wants an executable stack: under MemoryDenyWriteExecute= or SELinux "
                                   "it does not load, and elsewhere every thread gets such a stack",
                    .fix = "link it with -Wl,-z,noexecstack, or clear the flag: patchelf --clear-execstack"};
    finding.evidence.push_back(
        {.file = object.path, .value = object.elf.has_stack_header ? "PT_GNU_STACK RWE" : "no PT_GNU_STACK"});
    if (subject.stack_is_sealed)
      finding.evidence.push_back({.file = "mprotect(PROT_EXEC)", .value = "the kernel refuses it to this process"});
    findings.push_back(std::move(finding));
  }
}

}  // namespace vgpu::doctor
