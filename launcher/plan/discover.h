// Which manifest files there are, which of them count, and what they say together.
#pragma once

#include <string>

#include "launcher/os/machine.h"
#include "launcher/plan/manifest.h"
#include "launcher/plan/manifest_image.h"

namespace vgpu::plan {

// The manifest of this launch, merged and checked (merge.h).
//
// `explicit_manifest` not empty: exactly that file (--manifest, VGPU_RUN_MANIFEST). Else the default,
// share/vgpu-run/manifest.json beside bin/ of our own executable, then the files *.json of
//     share/vgpu-run/manifest.d of the same tree, /usr/share/vgpu-run/manifest.d, /etc/vgpu-run/manifest.d,
//     $XDG_CONFIG_HOME/vgpu-run/manifest.d (~/.config)
// in strcmp order of their file names over all of them; the same file name in a later directory masks the earlier; an
// empty file, or a link to /dev/null, masks and adds nothing. The user's directory does not count under AT_SECURE.
//
// As root, a file is not believed when it, or the directory it stands in, belongs to somebody else or can be written by
// others: Code::manifest_untrusted (trust.h).
//
// Warnings go into `warnings`; without one they are dropped. `sealed`: the default manifest as the build read it;
// empty: it is parsed.
Result<Manifest> load_manifest(const os::Machine& machine, const std::string& explicit_manifest, Problems& warnings,
                               SealedManifest sealed = {});
Result<Manifest> load_manifest(const os::Machine& machine, const std::string& explicit_manifest);

// share/vgpu-run of the tree that our executable stands in: "/opt/x/bin/vgpu-run" -> "/opt/x/share/vgpu-run".
std::string share_directory(const os::Machine& machine);

}  // namespace vgpu::plan
