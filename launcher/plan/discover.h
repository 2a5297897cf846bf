// Which manifest files there are, which of them count, and what they say together.
#pragma once

#include <string>

#include "launcher/os/machine.h"
#include "launcher/plan/manifest.h"

namespace vgpu::plan {

// The manifest of this launch.
//
// `explicit_manifest` not empty: exactly that file. Else the default, share/vgpu-run/manifest.json beside bin/ of our own
// executable, then the files *.json of
//     /usr/share/vgpu-run/manifest.d, /etc/vgpu-run/manifest.d, $XDG_CONFIG_HOME/vgpu-run/manifest.d (~/.config)
// in strcmp order of their file names over all three; the same file name in a later directory masks the earlier; an empty
// file, or a link to /dev/null, masks and adds nothing. The user's directory does not count under AT_SECURE.
//
// As root, a file is not trusted when it, or the directory it stands in, can be written by others than root (sticky
// directories such as /tmp excepted: nobody can exchange another's file there): Code::manifest_untrusted.
Result<Manifest> load_manifest(const os::Machine& machine, const std::string& explicit_manifest, Problems& warnings);

// The rule behind it: empty when root may believe the manifest at `path`, or when we are not root.
Problems check_trust(const os::Machine& machine, const std::string& path);

// share/vgpu-run of the tree that our executable stands in: "/opt/x/bin/vgpu-run" -> "/opt/x/share/vgpu-run".
std::string share_directory(const os::Machine& machine);

}  // namespace vgpu::plan
