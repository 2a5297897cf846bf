// What kind of program a child is, from the first bytes of its file.
#pragma once

#include "shims/propagate/propagate.h"

namespace vgpu::propagate {

struct Kind {
  Treatment treatment = Treatment::inject;  // also where the file cannot be told: the exec fails, or a shell runs it
  Reason reason = Reason::none;
};

Kind inspect(const Child& child);

}  // namespace vgpu::propagate
