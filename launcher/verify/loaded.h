// Which of the expected libraries stand where in a link map, and what else goes by their names.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "launcher/verify/observation.h"

namespace vgpu::verify {

std::string base_name(const std::string& path);

// A file as the process sees it: its root directory need not be ours. Device and inode.
std::optional<os::FileStatus> file_of(const os::Machine& machine, int pid, const std::string& path);

struct Loaded {
  std::string path;                  // as it was expected
  std::optional<std::size_t> place;  // in the link map, in the program's own name space
  std::string soname;
};

// By the path that the linker knows, else by device and inode.
std::vector<Loaded> find_loaded(const os::Machine& machine, const Observation& process,
                                const std::vector<std::string>& expected);

// Another object that goes by a shim's name.
struct Rival {
  enum class Kind { in_front, instead, behind, name_space, copy };
  Kind kind = Kind::behind;
  std::string path;
  std::string soname;
  std::string shim;
};

std::vector<Rival> find_rivals(const os::Machine& machine, const Observation& process,
                               const std::vector<Loaded>& loaded);

// In which order glibc initialises the objects of the program's name space (plan/init_order.h), those of `loaded` only.
std::vector<std::string> initialisation_order(const Observation& process, const std::vector<Loaded>& loaded);

}  // namespace vgpu::verify
