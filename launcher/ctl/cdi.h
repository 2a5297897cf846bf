// What the two verbs of `vgpuctl cdi` have in common.
#pragma once

#include <CLI/App.hpp>
#include <memory>
#include <string>

#include "launcher/cdi/options.h"
#include "launcher/ctl/launch_options.h"
#include "launcher/ctl/verb.h"

namespace vgpu::ctl {

// Where runtimes look (CDI, "How does CDI work?"), beside /var/run/cdi.
inline constexpr char kCdiFile[] = "/etc/cdi/vgpu.json";

std::unique_ptr<Verb> make_cdi_generate();
std::unique_ptr<Verb> make_cdi_diff();

class CdiOptions {
 public:
  void add_to(CLI::App& app);
  bool given() const { return !launch_.words().empty() || preload_ != nullptr || library_path_ != nullptr; }
  // Relative paths in them become absolute: a file outlives the directory in which it was made.
  cdi::Options options(const os::Machine& machine) const;

 private:
  LaunchOptions launch_;
  std::unique_ptr<std::string> preload_;
  std::unique_ptr<std::string> library_path_;
};

}  // namespace vgpu::ctl
