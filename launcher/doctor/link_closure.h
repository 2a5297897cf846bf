// What ld.so would map when a program starts: the program, what is preloaded, and what these need, in the
// order in which symbols are looked up. Nothing is executed.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "launcher/os/elf.h"
#include "launcher/os/machine.h"
#include "launcher/plan/plan.h"

namespace vgpu::doctor {

// How a file was found.
enum class Route { program, preload, preload_file, path, rpath, library_path, runpath, system };

struct LinkedObject {
  std::string path;
  std::string name;  // as it was asked for
  Route route = Route::program;
  std::size_t parent = 0;       // who asked, an index; of the program itself: 0
  std::size_t rpath_owner = 0;  // Route::rpath: whose DT_RPATH it was
  os::ElfFile elf = {};
  std::shared_ptr<os::FileView> view = {};
};

struct LinkClosure {
  std::vector<LinkedObject>
      objects;  // the program first; empty: it cannot be read, is static, or of another libc than glibc
  struct Missing {
    std::string name;
    std::size_t parent = 0;
  };
  std::vector<Missing> missing;
  bool complete = true;  // false: there were more objects than are looked at
};

// `preload_file`: the entries of /etc/ld.so.preload.
LinkClosure link_closure(const os::Machine& machine, const plan::Plan& plan,
                         const std::vector<std::string>& preload_file);

// The directories of a DT_RPATH as ld.so reads it for the file at `path`.
std::vector<std::string> run_path(const std::string& list, const std::string& path);

}  // namespace vgpu::doctor
