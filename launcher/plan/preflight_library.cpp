#include "launcher/plan/preflight_library.h"

#include <cerrno>
#include <cstring>

#include "launcher/plan/trust.h"

namespace vgpu::plan {
namespace {

std::string_view base_name(std::string_view path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string_view::npos ? path : path.substr(slash + 1);
}

const SealedLibrary* sealed(const std::string& path, const os::FileStatus& status, Seal seal) {
  for (const SealedLibrary& library : seal) {
    if (base_name(path) != library.name || status.size != library.size || status.mtime != library.mtime) continue;
    // A file without nanoseconds went through an archive that keeps none; every write would have given it
    // some.
    if (status.mtime_nanoseconds == library.mtime_nanoseconds || status.mtime_nanoseconds == 0) return &library;
  }
  return nullptr;
}

LibraryFacts from_seal(const std::string& path, const SealedLibrary& library) {
  LibraryFacts facts;
  facts.path = path;
  facts.sealed = true;
  facts.elf_class = library.elf_class;
  facts.machine = library.machine;
  facts.libc = library.libc;
  facts.soname = library.soname;
  facts.needed.assign(library.needed.begin(), library.needed.end());
  facts.defines.assign(library.defines.begin(), library.defines.end());
  facts.newest_glibc = library.newest_glibc;
  return facts;
}

// What ld.so says about such a file, if it says anything: "cannot read file data", "invalid ELF header",
// "only ET_DYN and ET_EXEC can be loaded", "cannot dynamically load position-independent executable", "object
// file has no dynamic section" (elf/dl-load.c).
bool is_loadable(const std::string& path, const os::ElfResult& elf, Problems& problems) {
  const auto add = [&](Code code, std::string cause, std::string fix) {
    problems.push_back({code, Severity::error, path, std::move(cause), std::move(fix), {}});
    return false;
  };
  if (elf.has_error()) {
    return add(Code::shim_not_elf,
               elf.error().not_elf ? "it is not an ELF file" : "it is not a valid ELF file: " + elf.error().what,
               "install it again: it is damaged, incomplete, or something else under this name");
  }
  if (elf->type != os::ElfFile::Type::shared || elf->pie || !elf->dynamic) {
    const char* what = elf->type == os::ElfFile::Type::relocatable              ? "it is an object file (.o)"
                       : elf->type == os::ElfFile::Type::executable || elf->pie ? "it is a program"
                       : elf->type == os::ElfFile::Type::shared                 ? "it has no dynamic section"
                                                                : "it is neither a program nor a library";
    return add(Code::shim_not_shared_object, std::string(what) + ", not a shared library", "link it with -shared");
  }
  if (elf->big_endian) {
    return add(Code::shim_wrong_machine, "it is a big-endian library (" + elf->machine + ")",
               "install the build for this machine");
  }
  return true;
}

}  // namespace

LibraryFacts library_facts(const std::string& path, const os::ElfFile& elf) {
  LibraryFacts facts;
  facts.path = path;
  facts.elf_class = elf.elf_class;
  facts.machine = elf.machine;
  facts.libc = os::libc_of(elf);
  facts.soname = elf.soname;
  facts.needed = elf.needed;
  facts.needs = elf.needs;
  facts.defines = elf.defines;
  facts.rpath = elf.rpath;
  facts.runpath = elf.runpath;
  facts.newest_glibc = os::newest_glibc(elf);
  return facts;
}

std::optional<LibraryFacts> inspect_library(const os::Machine& machine, const std::string& path, Trust trust, Seal seal,
                                            Problems& problems) {
  const auto add = [&](Code code, std::string cause, std::string fix) {
    problems.push_back({code, Severity::error, path, std::move(cause), std::move(fix), {}});
    return std::nullopt;
  };
  const auto asked = machine.status(path);
  if (asked.has_error()) {
    const int error = asked.error().value;
    if (error == ENOENT || error == ENOTDIR) {
      return add(Code::shim_missing, "there is no such file",
                 trust == Trust::ours ? "install it there, or correct the path in the manifest"
                                      : "remove it from LD_PRELOAD, or correct its path");
    }
    return add(Code::shim_unreadable, std::string("it cannot be reached: ") + std::strerror(error),
               "give this user search permission on every directory above it");
  }
  const os::FileStatus& status = *asked;
  if (status.kind == os::FileStatus::Kind::directory) {
    return add(Code::shim_is_directory,
               "it is a directory, as a container makes one for a bind mount whose source was missing",
               "put the library at the mount's source, remove the directory and start the container again");
  }
  if (status.kind != os::FileStatus::Kind::regular) {
    return add(Code::shim_not_elf, "it is not a regular file", "put the library there");
  }
  const os::Credentials who = machine.credentials();
  if (trust == Trust::ours && who.euid == 0) {
    if (!is_as_good_as_root(machine, status.uid)) {
      return add(
          Code::shim_untrusted,
          "you are root and it belongs to uid " + std::to_string(status.uid) + ", who could make you run anything",
          "chown root it, or run vgpu-run as that user");
    }
    if ((status.mode & 022u) != 0) {
      return add(Code::shim_untrusted, "you are root and others may write it", "chmod go-w it");
    }
  }
  if ((status.mode & 0444u) != 0444u && !machine.readable(path)) {
    return add(Code::shim_unreadable, "this user may not read it", "chmod a+r it");
  }

  std::optional<LibraryFacts> facts;
  if (const SealedLibrary* library = sealed(path, status, seal)) {
    facts = from_seal(path, *library);
  } else {
    const auto view = machine.view(path);
    if (view.has_error()) {
      return add(Code::shim_unreadable, std::string("it cannot be read: ") + std::strerror(view.error().value),
                 "repair the file system, or install it again");
    }
    const auto elf = os::read_elf((*view)->bytes());
    if (!is_loadable(path, elf, problems)) return std::nullopt;
    facts = library_facts(path, *elf);
  }
  if (machine.on_noexec_mount(path)) {
    return add(Code::shim_noexec_mount,
               "it is on a file system that is mounted noexec, from which no code can be mapped",
               "install it on another file system, or remount that one: mount -o remount,exec");
  }
  return facts;
}

}  // namespace vgpu::plan
