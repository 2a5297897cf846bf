// Several manifest files into one, and the checks that only the whole allows.
#pragma once

#include "launcher/plan/manifest.h"

namespace vgpu::plan {

// `later` on top of `base`. A shim or profile of a name that `base` has replaces it whole, at its place in file order;
// others are appended. A shim with "enabled": false takes the one of its name out.
void merge(Manifest& base, Manifest later);

// After the last file: puts shims into the profiles they ask to join and checks every name. Errors: a profile or
// requirement that names what nothing provides (Code::unknown_shim, Code::unknown_profile). Warnings, which go into
// `warnings`: a constraint against a name that is neither a shim, a role, nor possibly a foreign library.
Result<void> complete(Manifest& manifest, Problems& warnings);

}  // namespace vgpu::plan
