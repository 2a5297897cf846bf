// vgpuctl systemd check|install|remove UNIT: services on a virtual GPU.
#include "launcher/ctl/systemd.h"

namespace vgpu::ctl {

std::unique_ptr<Command> make_systemd() {
  return make_verbs("systemd", "Put a service on a virtual GPU, or check that it is on one",
                    "vgpuctl systemd VERB --help tells more.",
                    {make_systemd_check, make_systemd_install, make_systemd_remove});
}

}  // namespace vgpu::ctl
