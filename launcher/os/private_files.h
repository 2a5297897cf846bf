// Contents for files of /etc that are in no file system of the host: the mounts behind mount_namespace.h.
#pragma once

#include <optional>
#include <span>

#include "launcher/os/mount_namespace.h"

namespace vgpu::os {

// In a mount namespace whose mounts propagate nowhere. Three ways, the first that will do:
//
//   1. Every file is there: ours is put over it, and /etc stays the directory it is.
//   2. One is not there: a directory must be put over /etc, for there is no name to put the file over. An overlay of
//      the true /etc and ours, without an upper layer, hence read-only; every directory in it, and every mount, is the
//      true one again. So only names and files directly in /etc cannot be changed below, and their replacement on the
//      host is not seen once they have been looked up.
//   3. There is no overlay to be had: the same as 2. on a tmpfs with every name of /etc, bound to what it stands for.
std::optional<NamespaceFailure> cover_files(std::span<const PrivateFile> files);

}  // namespace vgpu::os
