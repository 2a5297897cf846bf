// Would every library of the plan load into the target? Asked before anything is started, because the dynamic
// linker answers with one line on stderr and a program without its shims.
#pragma once

#include "launcher/os/machine.h"
#include "launcher/plan/plan.h"
#include "launcher/plan/seal.h"

namespace vgpu::plan {

// Needs `plan.target`, `plan.places` and `plan.library_path` as the target will have it (for DT_NEEDED).
// Adds to `plan.problems`: an error for a required shim, a warning for an optional one, which loses its
// libraries in `plan.places` (a place without libraries is removed), and a warning for a foreign entry, which
// stays where it is. With plan.request.allow_unshimmed every error about a shim, or about the target's
// ability to carry shims, becomes a warning, and what would not load is left out. Returns whether
// `plan.places` changed: what was composed from them (preload, library path, initialisation order,
// environment) must then be composed again.
//
// `seal`: what the build knows about our own libraries, see seal.h. Empty: every library is read.
bool preflight(const os::Machine& machine, Plan& plan, Seal seal = {});

}  // namespace vgpu::plan
