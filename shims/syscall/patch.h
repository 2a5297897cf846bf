// Puts the jump into the stub. No page is ever writable and executable at once, and none of the program's is
// without its permission to execute for a moment: the new page is made ready elsewhere and takes the old
// one's place in one step.
#pragma once

#include "shims/syscall/finder.h"

namespace vgpu::redirect {

// `trampoline` is where it jumps to, when the answer is Reason::none. Otherwise the program is as it was.
Reason redirect(const Program& program, const Found& found, uint64_t entry, uint64_t& trampoline);

}  // namespace vgpu::redirect
