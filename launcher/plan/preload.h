// What is in the user's LD_PRELOAD already: which of it is ours and comes anew, and what the rest is called.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "launcher/os/machine.h"
#include "launcher/plan/manifest.h"
#include "launcher/plan/plan.h"

namespace vgpu::plan {

// LD_PRELOAD as ld.so takes it apart: at ':' and ' '. Empty elements, which ld.so skips, are left out.
std::vector<std::string> split_preload(std::string_view value);

struct ForeignPreload {
  std::string path;                  // absolute wherever it could be found; else as it was written
  std::string name;                  // what a person calls it: the file name
  std::vector<std::string> aliases;  // SONAME, file name, path: what constraints may call it
};

// The entries of `value` that are not ours, in order. Ours are the libraries of every shim of the manifest, chosen or
// not, by path or by device and inode, and what an enclosing vgpu-run put there (`enclosing`, its VGPU_PRELOAD). A file
// that stands twice counts once, where it stands first, as for ld.so.
std::vector<ForeignPreload> foreign_preloads(const os::Machine& machine, const Manifest& manifest, const Target& target,
                                             std::string_view value, std::string_view enclosing,
                                             const std::vector<std::string>& library_path);

}  // namespace vgpu::plan
