// Scope "namespace": which files of /etc the target sees otherwise, and why it cannot be had.
#pragma once

#include "launcher/os/machine.h"
#include "launcher/os/mount_namespace.h"
#include "launcher/plan/plan.h"

namespace vgpu::plan {

// Fills plan.mount_namespace from the composed plan: /etc/ld.so.preload with our shims in look-up order and then what
// the host has there, and /etc/ld.so.cache with what LD_LIBRARY_PATH would add. Errors: Code::path_not_carriable,
// Code::scope_unavailable where it is known already that there will be no namespace.
void plan_mount_namespace(const os::Machine& machine, Plan& plan);

// The cause and what to do, from the step that failed and what the kernel says about itself.
Problem namespace_problem(const os::Machine& machine, const os::NamespaceFailure& failure);

}  // namespace vgpu::plan
