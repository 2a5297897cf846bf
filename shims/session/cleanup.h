// Sessions that nobody lives in.
#pragma once

namespace vgpu::session {

// Removes, from the directory that `path` lies in, the sessions of this user whose vgpu-run has ended and in which no
// process has a slot; `path` itself stays. Looks at no more than 256 names. Removing one that a process still wants to
// join costs nothing but a limit that was changed meanwhile: that process makes it again. Returns how many went.
int remove_abandoned(const char* path);

// The vgpu-run that named the session at `path` is still there; or its pid is another process's by now, and the session
// then waits for that one.
bool launcher_lives(const char* path);

// Removes the session at `path` if no process has a slot in it. One that is about to join either has its lock already,
// then this returns false; or it finds its lock taken or the name gone, and makes the session again.
bool remove_if_unused(const char* path);

}  // namespace vgpu::session
