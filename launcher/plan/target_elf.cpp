#include "launcher/plan/target_elf.h"

#include <cerrno>

namespace vgpu::plan {
namespace {

constexpr std::uint32_t kSetUserId = 04000;
constexpr std::uint32_t kSetGroupId = 02000;
constexpr std::uint32_t kGroupExecute = 00010;

// Whether this kernel runs such programs without an emulator: its own machine, and the 32-bit one of the same
// family.
bool runs_here(const os::ElfFile& elf) {
#if defined(__x86_64__)
  return elf.machine == "x86_64" || elf.machine == "i386";
#elif defined(__aarch64__)
  return !elf.big_endian && (elf.machine == "aarch64" || elf.machine == "arm");
#else
  return true;
#endif
}

Problem problem(Code code, Severity severity, const std::string& where, std::string cause, std::string fix) {
  return {code, severity, where, std::move(cause), std::move(fix), {}};
}

}  // namespace

bool is_secure(const os::Machine& machine, const std::string& file, const os::FileStatus& status, std::string& cause) {
  const os::Credentials who = machine.credentials();
  std::uint32_t euid = who.euid;
  std::uint32_t egid = who.egid;
  // set-group-ID without group execute meant mandatory locking once and changes nothing (fs/exec.c,
  // bprm_fill_uid).
  const bool set_uid = (status.mode & kSetUserId) != 0;
  const bool set_gid = (status.mode & (kSetGroupId | kGroupExecute)) == (kSetGroupId | kGroupExecute);
  const bool changes = (set_uid && status.uid != who.euid) || (set_gid && status.gid != who.egid);
  if (changes && !machine.no_new_privileges() && !machine.mount_flags(file).nosuid) {
    if (set_uid) euid = status.uid;
    if (set_gid) egid = status.gid;
  }
  if (euid != who.uid) {
    cause = set_uid && status.uid == euid
                ? "it is set-user-ID to uid " + std::to_string(euid) + " and you are uid " + std::to_string(who.uid)
                : "vgpu-run itself runs with an effective uid that is not its real one";
    return true;
  }
  if (egid != who.gid) {
    cause = set_gid && status.gid == egid
                ? "it is set-group-ID to gid " + std::to_string(egid) + " and you are gid " + std::to_string(who.gid)
                : "vgpu-run itself runs with an effective gid that is not its real one";
    return true;
  }
  // Real root is exempt: capabilities are nothing new to it.
  if (who.uid != 0 && machine.has_file_capabilities(file) && !machine.mount_flags(file).nosuid) {
    cause = "it has file capabilities";
    return true;
  }
  return false;
}

int inspect_elf(const os::Machine& machine, const std::string& file, const os::FileStatus& status,
                const os::ElfFile& elf, bool believe_interpreter, Target& target, Problems& problems) {
  const auto add = [&](Code code, Severity severity, std::string cause, std::string fix) {
    problems.push_back(problem(code, severity, file, std::move(cause), std::move(fix)));
  };
  target.elf_class = elf.elf_class;
  target.machine = elf.machine;
  target.interpreter = elf.interpreter;
  target.libc = os::libc_of(elf);

  if (elf.type != os::ElfFile::Type::executable && elf.type != os::ElfFile::Type::shared) {
    add(Code::target_invalid, Severity::error,
        elf.type == os::ElfFile::Type::relocatable ? "it is an object file, not a program"
                                                   : "its ELF type is not that of a program",
        "name a linked program");
    return ENOEXEC;
  }
  if (!runs_here(elf)) {
    add(Code::target_wrong_machine, Severity::error,
        "it is a program for " + elf.machine + ", and this machine cannot run it",
        "install the build for this machine; under an emulator, run vgpu-run inside the emulated system");
    return ENOEXEC;
  }
  std::string secure_cause;
  target.secure = is_secure(machine, file, status, secure_cause);

  if (elf.interpreter.empty() && !os::is_dynamic_linker(elf)) {
    if (elf.type == os::ElfFile::Type::shared && !elf.pie && (!elf.needed.empty() || !elf.soname.empty())) {
      add(Code::target_invalid, Severity::error, "it is a shared library, not a program: it names no dynamic linker",
          "name the program that uses it");
      return ENOEXEC;
    }
    target.is_static = true;
    target.libc.clear();
    if (elf.launcher) return 0;
    add(Code::target_static, Severity::error,
        std::string("it is statically linked") + (elf.go ? " (a Go program built without cgo)" : "") +
            ": no dynamic linker runs that could load a shim",
        elf.go ? "build it with CGO_ENABLED=1, or, when only the programs that it starts use the GPU, "
                 "use --scope namespace, which reaches its dynamic children"
               : "use a dynamically linked build, or, when only the programs that it starts use the GPU, "
                 "use --scope namespace, which reaches its dynamic children");
    return 0;
  }
  if (!elf.interpreter.empty() && !believe_interpreter) {
    const auto asked = machine.status(elf.interpreter);
    if (asked.has_error() && asked.error().value == ENOENT) {
      const bool musl = target.libc == "musl";
      add(Code::target_interpreter_missing, Severity::error,
          "its dynamic linker " + elf.interpreter + " does not exist on this system",
          musl                     ? "install musl, or use the build of the program for glibc"
          : target.elf_class == 32 ? "install the 32-bit C library (Debian: dpkg --add-architecture i386, "
                                     "libc6:i386), or use the 64-bit build"
                                   : "install the C library that it was built for, or use the program's "
                                     "build for this distribution");
      return ENOENT;
    }
  }
  if (target.secure) {
    add(Code::target_secure, Severity::error,
        secure_cause +
            ": the kernel starts it with AT_SECURE, and the dynamic linker then ignores LD_PRELOAD without a "
            "word",
        secure_cause == "it has file capabilities"
            ? "start a copy without file capabilities and give it what it needs as ambient capabilities "
              "(systemd: AmbientCapabilities=), or use --scope namespace"
            : "run vgpu-run as the user that the program becomes (sudo vgpu-run ... for a set-user-ID root "
              "program), "
              "or use --scope namespace");
  }
  if (elf.cuda_code && !elf.registers_cuda_code) {
    add(Code::target_static_cudart, Severity::warning,
        "it holds CUDA code and its own, statically linked CUDA runtime, which no shim can stand for; on the "
        "emulated "
        "device that runtime answers every call with error 103, cudaErrorSoftwareValidityNotEstablished",
        "link it with nvcc -cudart shared (CMake: CUDA_RUNTIME_LIBRARY Shared)");
  }
  return 0;
}

}  // namespace vgpu::plan
