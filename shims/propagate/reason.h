// Why a child did not get (all of) the shims. The numbers are part of shims/exec/status.h and do not change.
#pragma once

namespace vgpu::propagate {

enum class Reason : unsigned char {
  none = 0,            // it got them
  static_program = 1,  // no interpreter: nothing is ever preloaded
  secure = 2,          // set-user-ID, set-group-ID or file capabilities give it privilege: ld.so ignores LD_PRELOAD
  other_class = 3,     // 32-bit: it got the 32-bit libvgpu-exec, if that is installed
  other_machine = 4,   // of another instruction set (run by binfmt_misc)
  other_libc = 5,      // musl: it got the shims that need no libc
  unknown_loader = 6,  // an interpreter that is neither glibc's nor musl's
  rule_leave = 7,      // a rule of the manifest says so
  rule_hide = 8,
  switched_off = 9,  // VGPU_EXEC=off in its environment
  too_big = 10,      // E2BIG only because of the shims' variables
  no_memory = 11,    // for its environment
};

}  // namespace vgpu::propagate
