// What a context takes for itself: code, stacks, the driver's own tables. The quota does not count it (no program asks
// for it, and none is told of it), but it is measured and told beside the quota: vgpuctl top.
#pragma once

namespace vgpu::slice {

// This process has a context on that device of the session. Notes it, once; whoever is the first in the session also
// measures.
void context_noticed(int number);

}  // namespace vgpu::slice
