#include "shims/propagate/inspect.h"

#include <elf.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "shims/propagate/raw.h"
#include "shims/propagate/state.h"

namespace vgpu::propagate {
namespace {

constexpr int kMostInterpreters = 5;  // of "#!" in a chain, the kernel's limit (fs/exec.c)
constexpr size_t kHeader = 256;

// A file opened for a look, closed when we are done. Nothing but a regular file is opened: a FIFO would wake its writer.
class File {
 public:
  File(int directory, const char* path, int flags) {
#if defined(__i386__)
    struct stat64 about;
#else
    struct stat about;
#endif
    const int empty = flags & AT_EMPTY_PATH;
    if (raw::call(raw::kStat, directory, reinterpret_cast<long>(path), reinterpret_cast<long>(&about), empty) != 0) return;
    if (!S_ISREG(about.st_mode)) return;
    mode = about.st_mode;
    uid = about.st_uid;
    gid = about.st_gid;
    if (empty != 0 && path[0] == '\0') {
      descriptor_ = directory;
      return;
    }
    descriptor_ = static_cast<int>(raw::call(SYS_openat, directory, reinterpret_cast<long>(path), O_RDONLY | O_CLOEXEC | O_NOCTTY));
    mine_ = descriptor_ >= 0;
  }
  ~File() {
    if (mine_) raw::call(SYS_close, descriptor_);
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;

  bool read_at(unsigned long offset, void* to, size_t size) const {
    return read_some(offset, to, size) == static_cast<long>(size);
  }
  long read_some(unsigned long offset, void* to, size_t size) const {
#if defined(__i386__)
    return raw::call(SYS_pread64, descriptor_, reinterpret_cast<long>(to), static_cast<long>(size), static_cast<long>(offset), 0);
#else
    return raw::call(SYS_pread64, descriptor_, reinterpret_cast<long>(to), static_cast<long>(size), static_cast<long>(offset));
#endif
  }
  bool is_open() const { return descriptor_ >= 0; }
  int descriptor() const { return descriptor_; }

  mode_t mode = 0;
  uid_t uid = 0;
  gid_t gid = 0;

 private:
  int descriptor_ = -1;
  bool mine_ = false;
};

// Would the exec gain privilege? What the kernel makes AT_SECURE from (security/commoncap.c), but for mounts with nosuid
// and no_new_privs: there the child would take the shims, and does not get them.
bool gains_privilege(const File& file) {
#if defined(__i386__)
  const auto id = [](long wide) { return static_cast<unsigned>(raw::call(wide)); };
  const unsigned uid = id(SYS_getuid32), euid = id(SYS_geteuid32), gid = id(SYS_getgid32), egid = id(SYS_getegid32);
#else
  const auto id = [](long number) { return static_cast<unsigned>(raw::call(number)); };
  const unsigned uid = id(SYS_getuid), euid = id(SYS_geteuid), gid = id(SYS_getgid), egid = id(SYS_getegid);
#endif
  const unsigned new_euid = (file.mode & S_ISUID) != 0 ? file.uid : euid;
  const bool sets_group = (file.mode & (S_ISGID | S_IXGRP)) == (S_ISGID | S_IXGRP);
  const unsigned new_egid = sets_group ? file.gid : egid;
  if (new_euid != uid || new_egid != gid) return true;
  if (uid == 0) return false;  // has the capabilities already
  static const char kCapability[] = "security.capability";
  return raw::call(SYS_fgetxattr, file.descriptor(), reinterpret_cast<long>(kCapability), 0L, 0L) > 0;
}

Kind by_loader(Text loader, Kind found) {
  const Text name = base_name(loader);
  if (starts_with(name, text("ld-musl"))) return {Treatment::musl, Reason::other_libc};
  if (starts_with(name, text("ld-linux")) || starts_with(name, text("ld.so")) || starts_with(name, text("ld-2."))) return found;
  return {Treatment::hide, Reason::unknown_loader};
}

template <class Header, class Segment>
Kind by_segments(const File& file, const char* bytes, Text path, Kind found) {
  Header header;
  for (size_t i = 0; i < sizeof header; ++i) reinterpret_cast<char*>(&header)[i] = bytes[i];
  for (unsigned i = 0; i < header.e_phnum; ++i) {
    Segment segment;
    const unsigned long at = static_cast<unsigned long>(header.e_phoff) + i * sizeof segment;
    if (at + sizeof segment <= kHeader) {
      for (size_t byte = 0; byte < sizeof segment; ++byte) reinterpret_cast<char*>(&segment)[byte] = bytes[at + byte];
    } else if (!file.read_at(at, &segment, sizeof segment)) {
      return {};
    }
    if (segment.p_type != PT_INTERP) continue;
    char loader[128];
    const size_t size = segment.p_filesz < sizeof loader ? static_cast<size_t>(segment.p_filesz) : sizeof loader;
    if (size < 2 || !file.read_at(static_cast<unsigned long>(segment.p_offset), loader, size)) return {};
    loader[size - 1] = '\0';
    return by_loader(text(loader), found);
  }
  // The loader itself, started by name, preloads as for any program.
  const Text name = base_name(path);
  if (starts_with(name, text("ld-linux")) || starts_with(name, text("ld-musl")) || starts_with(name, text("ld.so")))
    return by_loader(path, found);
  return {Treatment::leave, Reason::static_program};
}

// Is it installed? Asked only for a 32-bit child.
Kind class32() {
  const bool there = !state.preload_32.empty() && raw::call(SYS_faccessat, AT_FDCWD, reinterpret_cast<long>(state.preload_32.data), 4 /* R_OK */) == 0;
  return {there ? Treatment::class32 : Treatment::hide, Reason::other_class};
}

Kind by_elf(const File& file, const char* bytes, long size, Text path) {
  const auto machine = static_cast<unsigned>(static_cast<unsigned char>(bytes[18]) | static_cast<unsigned char>(bytes[19]) << 8);
  if (bytes[EI_CLASS] == ELFCLASS64 && machine == EM_X86_64 && size >= static_cast<long>(sizeof(Elf64_Ehdr)))
    return by_segments<Elf64_Ehdr, Elf64_Phdr>(file, bytes, path, {});
  if (bytes[EI_CLASS] == ELFCLASS32 && machine == EM_386 && size >= static_cast<long>(sizeof(Elf32_Ehdr))) {
    const Kind kind = by_segments<Elf32_Ehdr, Elf32_Phdr>(file, bytes, path, class32());
    // A 32-bit musl has no library of ours that could be told from here.
    return kind.treatment == Treatment::musl ? Kind{Treatment::hide, Reason::other_libc} : kind;
  }
  return {Treatment::hide, Reason::other_machine};
}

// The interpreter of a "#!" line as a path in place; false: there is none.
bool interpreter(char* bytes, long size, const char*& path) {
  long from = 2;
  while (from < size && (bytes[from] == ' ' || bytes[from] == '\t')) ++from;
  long to = from;
  while (to < size && bytes[to] != ' ' && bytes[to] != '\t' && bytes[to] != '\n' && bytes[to] != '\0') ++to;
  if (to == from || to == size) return false;
  bytes[to] = '\0';
  path = bytes + from;
  return true;
}

[[gnu::noinline]] Kind inspect_file(int directory, const char* path, int flags) {
  char bytes[kHeader + 1];
  for (int depth = 0; depth <= kMostInterpreters; ++depth) {
    const File file(directory, path, flags);
    if (!file.is_open()) return {};
    const Text name = text(path);
    // Looked at before the bytes, which hold the path from the second round on.
    char tail[16] = {};
    const Text base = base_name(name);
    for (size_t i = 0; i + 1 < sizeof tail && i < base.size; ++i) tail[i] = base.data[i];
    const long size = file.read_some(0, bytes, kHeader);
    if (size < 4) return {};
    if (bytes[0] == '#' && bytes[1] == '!') {  // the bits of a script give nothing to its interpreter
      if (!interpreter(bytes, size, path)) return {};
      directory = AT_FDCWD;
      flags = 0;
      continue;
    }
    if (size < 20 || bytes[0] != '\177' || bytes[1] != 'E' || bytes[2] != 'L' || bytes[3] != 'F') return {};
    if (gains_privilege(file)) return {Treatment::leave, Reason::secure};
    return by_elf(file, bytes, size, text(tail));
  }
  return {};
}

Text search_path() {
  char** const environ = state.environ != nullptr ? *state.environ : nullptr;
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    const char* const variable = *entry;
    if (variable[0] == 'P' && variable[1] == 'A' && variable[2] == 'T' && variable[3] == 'H' && variable[4] == '=')
      return text(variable + 5);
  }
  return text("/bin:/usr/bin");
}

// The first file of PATH that may be executed: what the search of execvp will find. An entry beyond the buffer is left
// out; where nothing is found the kind is the usual one.
[[gnu::noinline]] Kind inspect_in_path(Text name) {
  char path[512];
  Kind kind;
  Text list = search_path();
  if (list.empty()) list = {":", 0};
  const auto look = [&](Text directory) {
    if (directory.size + name.size + 2 > sizeof path) return true;
    size_t size = 0;
    for (size_t i = 0; i < directory.size; ++i) path[size++] = directory.data[i];
    if (size > 0) path[size++] = '/';
    for (size_t i = 0; i < name.size; ++i) path[size++] = name.data[i];
    path[size] = '\0';
    if (raw::call(SYS_faccessat, AT_FDCWD, reinterpret_cast<long>(path), 1 /* X_OK */) != 0) return true;
    kind = inspect_file(AT_FDCWD, path, 0);
    return false;
  };
  if (list.empty()) {
    look({});
  } else {
    each_entry(list, ':', ':', look);
  }
  return kind;
}

bool holds_slash(const char* path) {
  for (; *path != '\0'; ++path) {
    if (*path == '/') return true;
  }
  return false;
}

}  // namespace

Kind inspect(const Child& child) {
  if (child.path == nullptr) return {};
  if (child.elsewhere && child.path[0] != '/' && !child.search) return {};
  if (child.search && child.path[0] != '\0' && !holds_slash(child.path)) return inspect_in_path(text(child.path));
  return inspect_file(child.directory, child.path, child.flags);
}

}  // namespace vgpu::propagate
