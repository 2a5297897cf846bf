#include "launcher/ctl/command.h"

namespace vgpu::ctl {

std::vector<std::unique_ptr<Command>> commands() {
  std::vector<std::unique_ptr<Command>> all;
  for (const auto make : {make_explain, make_check, make_verify, make_tree, make_doctor, make_systemd, make_cdi,
                          make_top, make_limit, make_list, make_schema}) {
    all.push_back(make());
  }
  return all;
}

}  // namespace vgpu::ctl
