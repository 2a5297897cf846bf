// Sessions that nobody lives in.
#pragma once

namespace vgpu::session {

// Removes, from the directory that `path` lies in, the sessions of this user whose vgpu-run has ended and in which no
// process has a slot, and what is left of those that were never made; `path` itself stays. Looks at no more than 256
// names. A process that still wants to join one makes it again, and it is as it was: one whose limits were changed
// meanwhile stays as long as such a process can be seen (told.h). Returns how many went.
int remove_abandoned(const char* path);

// The vgpu-run that named the session at `path` is still there; or its pid is another process's by now, and the session
// then waits for that one.
bool launcher_lives(const char* path);

// Removes the session at `path` if no process has a slot in it. One that is about to join either has its lock already,
// then this returns false; or it finds its lock taken or the name gone, and makes the session again.
bool remove_if_unused(const char* path);

// Under its working name (file.h) a session is seen by its maker only, who has a lock on it. Removes the file at such a
// name if nobody has: its maker was killed. One who is just between making the file and locking it finds it gone, and
// makes another.
bool is_working_name(const char* path);
bool is_leftover(const char* path);
bool remove_leftover(const char* path);

// The session's limits are not those that its launch's environment says (vgpuctl limit), and a process that we can see
// may come back to it; or we cannot see who may, because its last processes were of another pid namespace.
bool is_kept_for_its_limits(const char* path);

}  // namespace vgpu::session
