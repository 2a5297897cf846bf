// In which order ld.so runs the constructors of the preloaded libraries.
#pragma once

#include <string>
#include <vector>

#include "launcher/os/machine.h"
#include "launcher/plan/plan.h"
#include "launcher/plan/seal.h"

namespace vgpu::plan {

// The paths, first initialised first. glibc sorts the loaded objects by depth-first search from the last one loaded to
// the first, a library's DT_NEEDED before itself (elf/dl-sort-maps.c, since 2.35; the older sort gives the same for a
// list without circles): the reverse list, unless one preloaded library needs another. A library that cannot be read
// stands where it would stand without needs.
std::vector<std::string> initialisation_order(const os::Machine& machine, const std::vector<Place>& places, Seal seal);

}  // namespace vgpu::plan
