// Writing the status record.
#pragma once

#include "shims/exec/status.h"
#include "shims/propagate/propagate.h"

namespace vgpu::exec {

void note_loaded(bool active);

// A call, and where the child does not get all shims also why. Answers the ring's entry, or -1.
int note_call(const propagate::Child& child, const propagate::Plan& plan);

// The pid, once it is known.
void note_pid(int at, int pid);

}  // namespace vgpu::exec
