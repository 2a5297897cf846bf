// Would ld.so find everything that a library needs, in the environment that the target will have?
#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "launcher/os/machine.h"
#include "launcher/plan/plan.h"
#include "launcher/plan/preflight_library.h"

namespace vgpu::plan {

class NeedsCheck {
 public:
  // `loaded`: the SONAMEs that the plan's own libraries bring; they satisfy a DT_NEEDED.
  NeedsCheck(const os::Machine& machine, Target& target, std::vector<std::string> library_path,
             std::set<std::string> loaded)
      : machine_(machine), target_(target), library_path_(std::move(library_path)), loaded_(std::move(loaded)) {}

  // Adds at most one error to `problems`: a library that is not found, a version that the found one lacks, or
  // a newer glibc than the target's, for `library` itself or for what it brings along.
  void check(const LibraryFacts& library, Problems& problems);

 private:
  bool check_glibc(const LibraryFacts& library, const std::string& shim, Problems& problems);
  bool check_versions(const LibraryFacts& library, const std::string& needed, const LibraryFacts& found,
                      const std::string& shim, Problems& problems);
  std::optional<std::string> find(const LibraryFacts& library, const std::string& needed);
  const std::string& target_glibc();                // asked once, kept in the target
  const std::vector<std::string>& program_rpath();  // DT_RPATH of the program, asked once

  const os::Machine& machine_;
  Target& target_;
  std::vector<std::string> library_path_;
  std::set<std::string> loaded_;
  bool asked_glibc_ = false;
  std::optional<std::vector<std::string>> program_rpath_;
};

// The glibc that `target` runs with, as "2.36": the newest version that its libc.so.6 defines. "" where none
// is found.
std::string find_target_glibc(const os::Machine& machine, const Target& target,
                              const std::vector<std::string>& library_path);

}  // namespace vgpu::plan
