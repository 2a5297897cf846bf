// The manifest's rules for children as libvgpu-exec reads them: VGPU_CHILDREN, see shims/contract.h.
#pragma once

#include <string>
#include <vector>

#include "launcher/plan/manifest.h"

namespace vgpu::plan {

// "leave,p=gdb,p=/opt/*/gdbserver;hide,a=--type=zygote"; empty: none.
std::string child_rules(const std::vector<ChildRule>& rules);

}  // namespace vgpu::plan
