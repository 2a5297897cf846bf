// Writing a file so that nobody ever sees half of it.
#pragma once

#include <optional>
#include <string>

#include "launcher/os/machine.h"

namespace vgpu::os {

// Makes the directories above it (0755), writes beside it, renames over it. Nothing where it went well. A symbolic link
// at `path` is replaced, not followed.
std::optional<Errno> replace_file(const std::string& path, const std::string& content, unsigned mode);

// The file, and the directory that held it where it is empty then. A file that is not there is no failure.
std::optional<Errno> remove_file(const std::string& path);

}  // namespace vgpu::os
