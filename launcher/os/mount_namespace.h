// A mount namespace of our own in which some files of /etc have other contents: mount_namespaces(7),
// user_namespaces(7).
#pragma once

#include <optional>
#include <span>
#include <string>

#include "launcher/os/machine.h"

namespace vgpu::os {

struct PrivateFile {
  std::string path;  // "/etc/NAME"
  std::string text;
};

// Where entering it failed, in the order in which things are done.
enum class NamespaceStep {
  credentials,      // real and effective ids differ: a user namespace cannot keep both
  mount_namespace,  // unshare(CLONE_NEWNS), as a privileged user
  user_namespace,   // unshare(CLONE_NEWUSER)
  identity,         // writing uid_map and gid_map
  propagation,      // making every mount a slave
  contents,         // the file system that holds the contents
  cover_file,       // putting a file over one that is there
  cover_etc,        // putting a directory over /etc, because a file is not there
};

struct NamespaceFailure {
  NamespaceStep step;
  Errno error;
};

// Moves this process into a mount namespace of its own, in which `files` have these contents, and leaves everything
// else as it is. Who may not make one gets a user namespace around it, in which every id is what it was. All or
// nothing: after a failure the caller must end, for it may stand in a namespace that is half made. Nothing is written
// to any file system but a tmpfs of our own.
//
// One thread, no children: unshare(2) with CLONE_NEWUSER asks for it.
std::optional<NamespaceFailure> enter_mount_namespace(std::span<const PrivateFile> files);

}  // namespace vgpu::os
