#include "shims/propagate/inspect.h"

#include <elf.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "shims/propagate/arena.h"
#include "shims/propagate/raw.h"
#include "shims/propagate/state.h"

namespace vgpu::propagate {
namespace {

constexpr int kMostInterpreters = 5;  // of "#!" in a chain, the kernel's limit (fs/exec.c)
constexpr size_t kHeader = 256;
constexpr size_t kMostHeaders = 65536;  // bytes of program headers that the kernel reads (fs/binfmt_elf.c)
constexpr size_t kMostPath = 4096;

// The one buffer of an inspection, because it may happen on a stack of 16 KiB: a path until its file is open, then the
// first bytes of the file, then the path of an interpreter out of them.
using Buffer = char[kHeader + 1];

// A file opened for a look, closed when we are done. Nothing but a regular file is opened: a FIFO would wake its
// writer.
class File {
 public:
  File(int directory, const char* path, int flags) {
    const bool given = (flags & AT_EMPTY_PATH) != 0 && path[0] == '\0';
    if (!look(directory, path, flags & AT_EMPTY_PATH)) return;
    if (given) {
      const long how = raw::call(SYS_fcntl, directory, F_GETFL);
      if (how >= 0 && (how & (O_PATH | O_WRONLY)) == 0) {
        descriptor_ = directory;
      } else {
        open_again(directory);
      }
      return;
    }
    open(directory, path);
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
    return raw::call(SYS_pread64, descriptor_, reinterpret_cast<long>(to), static_cast<long>(size),
                     static_cast<long>(offset), 0);
#else
    return raw::call(SYS_pread64, descriptor_, reinterpret_cast<long>(to), static_cast<long>(size),
                     static_cast<long>(offset));
#endif
  }
  bool is_open() const { return descriptor_ >= 0; }
  int descriptor() const { return descriptor_; }

  mode_t mode = 0;  // 0: no regular file
  uid_t uid = 0;
  gid_t gid = 0;

 private:
  [[gnu::noinline]] bool look(int directory, const char* path, int flags) {
#if defined(__i386__)
    struct stat64 about;
#else
    struct stat about;
#endif
    if (raw::call(raw::kStat, directory, reinterpret_cast<long>(path), reinterpret_cast<long>(&about), flags) != 0)
      return false;
    if (!S_ISREG(about.st_mode)) return false;
    mode = about.st_mode;
    uid = about.st_uid;
    gid = about.st_gid;
    return true;
  }

  void open(int directory, const char* path) {
    descriptor_ = static_cast<int>(
        raw::call(SYS_openat, directory, reinterpret_cast<long>(path), O_RDONLY | O_CLOEXEC | O_NOCTTY));
    mine_ = descriptor_ >= 0;
  }

  // A descriptor that names a file and cannot read it (O_PATH), through the name that the kernel has for it.
  [[gnu::noinline]] void open_again(int descriptor) {
    char path[32] = "/proc/self/fd/";
    char digits[12];
    size_t count = 0, size = sizeof "/proc/self/fd/" - 1;
    for (auto rest = static_cast<unsigned>(descriptor); count == 0 || rest != 0; rest /= 10)
      digits[count++] = static_cast<char>('0' + rest % 10);
    while (count > 0) path[size++] = digits[--count];
    path[size] = '\0';
    open(AT_FDCWD, path);
  }

  int descriptor_ = -1;
  bool mine_ = false;
};

// Would the exec gain privilege? What the kernel makes AT_SECURE from (security/commoncap.c), but for mounts with
// nosuid and no_new_privs: there the child would take the shims, and does not get them.
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
  if (uid == 0 || !file.is_open()) return false;  // has the capabilities already; cannot be told
  static const char kCapability[] = "security.capability";
  return raw::call(SYS_fgetxattr, file.descriptor(), reinterpret_cast<long>(kCapability), 0L, 0L) > 0;
}

Kind by_loader(Text loader, Kind found) {
  const Text name = base_name(loader);
  if (starts_with(name, text("ld-musl"))) return {Treatment::musl, Reason::other_libc};
  if (starts_with(name, text("ld-linux")) || starts_with(name, text("ld.so")) || starts_with(name, text("ld-2.")))
    return found;
  return {Treatment::hide, Reason::unknown_loader};
}

template <class Field>
Field field(const Buffer& bytes, size_t at) {
  Field value;
  for (size_t i = 0; i < sizeof value; ++i) reinterpret_cast<char*>(&value)[i] = bytes[at + i];
  return value;
}

template <class Header, class Segment>
Kind by_segments(const File& file, Buffer& bytes, size_t read, Text path, Kind found) {
  const auto from = static_cast<unsigned long>(field<decltype(Header::e_phoff)>(bytes, offsetof(Header, e_phoff)));
  const size_t count = field<decltype(Header::e_phnum)>(bytes, offsetof(Header, e_phnum));
  // What the kernel refuses is not looked into: no file makes us read 65 535 headers.
  if (field<decltype(Header::e_phentsize)>(bytes, offsetof(Header, e_phentsize)) != sizeof(Segment) ||
      count * sizeof(Segment) > kMostHeaders)
    return {};
  for (size_t i = 0; i < count; ++i) {
    Segment segment;
    const unsigned long at = from + i * sizeof segment;
    if (at >= from && at <= read && sizeof segment <= read - at) {
      for (size_t byte = 0; byte < sizeof segment; ++byte) reinterpret_cast<char*>(&segment)[byte] = bytes[at + byte];
    } else if (!file.read_at(at, &segment, sizeof segment)) {
      return {};
    }
    if (segment.p_type != PT_INTERP) continue;
    // Its end, with the base name.
    const auto length = static_cast<unsigned long>(segment.p_filesz);
    const size_t size = length < kHeader ? static_cast<size_t>(length) : kHeader;
    if (size < 2 || length > kMostPath) return {};
    if (!file.read_at(static_cast<unsigned long>(segment.p_offset) + (length - size), bytes, size)) return {};
    bytes[size - 1] = '\0';
    return by_loader(text(bytes), found);
  }
  // The loader itself, started by name, preloads as for any program.
  const Text name = base_name(path);
  if (starts_with(name, text("ld-linux")) || starts_with(name, text("ld-musl")) || starts_with(name, text("ld.so")))
    return by_loader(path, found);
  return {Treatment::leave, Reason::static_program};
}

// Is it installed? Asked only for a 32-bit child.
Kind class32() {
  const bool there =
      !state.preload_32.empty() &&
      raw::call(SYS_faccessat, AT_FDCWD, reinterpret_cast<long>(state.preload_32.data), 4 /* R_OK */) == 0;
  return {there ? Treatment::class32 : Treatment::hide, Reason::other_class};
}

// Frames that are not needed at the same time are kept apart: the stack may be small.
[[gnu::noinline]] Kind by_elf(const File& file, Buffer& bytes, long size, Text path) {
  const auto machine =
      static_cast<unsigned>(static_cast<unsigned char>(bytes[18]) | static_cast<unsigned char>(bytes[19]) << 8);
  if (bytes[EI_CLASS] == ELFCLASS64 && machine == EM_X86_64 && size >= static_cast<long>(sizeof(Elf64_Ehdr)))
    return by_segments<Elf64_Ehdr, Elf64_Phdr>(file, bytes, static_cast<size_t>(size), path, {});
  if (bytes[EI_CLASS] == ELFCLASS32 && machine == EM_386 && size >= static_cast<long>(sizeof(Elf32_Ehdr))) {
    const Kind kind = by_segments<Elf32_Ehdr, Elf32_Phdr>(file, bytes, static_cast<size_t>(size), path, class32());
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

// `path` may stand in `bytes`.
[[gnu::noinline]] Kind inspect_file(int directory, const char* path, int flags, Buffer& bytes) {
  for (int depth = 0; depth <= kMostInterpreters; ++depth) {
    const File file(directory, path, flags);
    // Programs that give privilege are often not for everybody to read; scripts that are not cannot run.
    if (!file.is_open() && file.mode != 0 && gains_privilege(file)) return {Treatment::leave, Reason::secure};
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

// A place of PATH, its path composed in `path`. False: the search goes on.
bool look_into(Text directory, Text name, char* path, Buffer& bytes, Kind& kind) {
  size_t size = 0;
  for (size_t i = 0; i < directory.size; ++i) path[size++] = directory.data[i];
  if (size > 0) path[size++] = '/';
  for (size_t i = 0; i < name.size; ++i) path[size++] = name.data[i];
  path[size] = '\0';
  if (raw::call(SYS_faccessat, AT_FDCWD, reinterpret_cast<long>(path), 1 /* X_OK */) != 0) return false;
  kind = inspect_file(AT_FDCWD, path, 0, bytes);
  return true;
}

// The first file of PATH that may be executed: what the search of execvp will find. Where nothing is found the kind is
// the usual one.
[[gnu::noinline]] Kind inspect_in_path(Text name, Buffer& bytes) {
  Kind kind;
  Text list = search_path();
  const auto look = [&](Text directory) {
    const size_t size = directory.size + name.size + 2;
    if (size <= sizeof bytes) return !look_into(directory, name, bytes, bytes, kind);
    if (size > kMostPath) return true;  // for the kernel no path
    const Arena arena(size);
    if (arena.memory() == nullptr) return true;
    return !look_into(directory, name, static_cast<char*>(arena.memory()), bytes, kind);
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

[[gnu::noinline]] Kind inspect(const Child& child) {
  if (child.path == nullptr) return {};
  if (child.elsewhere && child.path[0] != '/' && !child.search) return {};
  Buffer bytes;
  if (child.search && child.path[0] != '\0' && !holds_slash(child.path))
    return inspect_in_path(text(child.path), bytes);
  return inspect_file(child.directory, child.path, child.flags, bytes);
}

}  // namespace vgpu::propagate
