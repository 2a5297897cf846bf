// Sessions that nobody lives in.
#pragma once

namespace vgpu::session {

// Removes, from the directory that `path` lies in, the sessions of this user whose vgpu-run has ended and in which no
// process has a slot; `path` itself stays. Looks at no more than 256 names. Removing one that a process still wants to join
// costs nothing but a limit that was changed meanwhile: that process makes it again. Returns how many went.
int remove_abandoned(const char* path);

}  // namespace vgpu::session
