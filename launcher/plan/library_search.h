// Where the dynamic linker would find a library that is named without a slash: ld.so(8), "dynamic linker".
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "launcher/os/elf.h"
#include "launcher/os/machine.h"
#include "launcher/plan/plan.h"

namespace vgpu::plan {

// What the search goes through, in this order: rpath, library_path, runpath, the cache, the default
// directories. Entries may hold $ORIGIN, $LIB and $PLATFORM (also as ${ORIGIN}); an empty entry is the
// working directory.
struct SearchPath {
  std::vector<std::string> rpath;         // DT_RPATH, which counts only where there is no DT_RUNPATH
  std::vector<std::string> library_path;  // LD_LIBRARY_PATH
  std::vector<std::string> runpath;       // DT_RUNPATH
  bool cache = true;                      // /etc/ld.so.cache
  bool default_directories = true;
  std::string origin;  // what $ORIGIN stands for: the directory of the file that asks
  int elf_class = 64;
  std::string machine = "x86_64";
  std::string libc = "glibc";  // "glibc" or "musl": musl has no cache and other default directories
};

// LD_LIBRARY_PATH as ld.so takes it apart: at ':' and ';'. An empty variable has no entries, an empty entry
// is kept.
std::vector<std::string> split_library_path(std::string_view value);

// The path of the file that a search for `soname` ends at: the first one of the right class and machine.
// Files of another class are skipped, as ld.so does. A name with a slash is taken as a path. Nothing where it
// is not found.
std::optional<std::string> find_library(const os::Machine& machine, const std::string& soname, const SearchPath& path);

// Where ld.so would find an entry of LD_PRELOAD that is no plain path (a name without a slash, or one with
// $LIB) for this target, whose LD_LIBRARY_PATH is `library_path`.
std::optional<std::string> find_preload(const os::Machine& machine, const Target& target,
                                        const std::vector<std::string>& library_path, const std::string& entry);

// Those of `sonames` that ld.so finds for this target behind LD_LIBRARY_PATH: in its cache, or in the default
// directories, which are looked at only where there is no cache, which covers them and costs less. The cache knows
// class and machine; only whether the file is still there is asked. What it has in one of the directories `not_in` does
// not count.
std::vector<std::string> system_libraries(const os::Machine& machine, const Target& target,
                                          const std::vector<std::string>& sonames,
                                          const std::vector<std::string>& not_in = {});

}  // namespace vgpu::plan
