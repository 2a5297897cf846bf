// vgpuctl cdi generate|diff: the devices as container runtimes know them.
#include "launcher/ctl/cdi.h"

namespace vgpu::ctl {

std::unique_ptr<Command> make_cdi() {
  return make_verbs("cdi", "Devices for containers: a CDI specification, or whether one is current",
                    "vgpuctl cdi VERB --help tells more. See docs/containers.md.", {make_cdi_generate, make_cdi_diff});
}

}  // namespace vgpu::ctl
