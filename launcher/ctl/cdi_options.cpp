#include <CLI/CLI.hpp>

#include "launcher/ctl/cdi.h"

namespace vgpu::ctl {
namespace {

std::string absolute(const os::Machine& machine, const std::string& path) {
  return path.empty() || path.starts_with('/') ? path : machine.working_directory() + "/" + path;
}

// Of --emulate: names stay, descriptions are files.
std::string absolute_devices(const os::Machine& machine, const std::string& list) {
  std::string all;
  for (std::size_t begin = 0; begin <= list.size();) {
    const std::size_t end = std::min(list.find(',', begin), list.size());
    const std::string one = list.substr(begin, end - begin);
    const bool path = one.find('/') != std::string::npos || one.find(".json") != std::string::npos;
    all.append(begin == 0 ? "" : ",").append(path ? absolute(machine, one) : one);
    begin = end + 1;
  }
  return all;
}

}  // namespace

void CdiOptions::add_to(CLI::App& app) {
  const auto add = [&](const char* name, const char* help, std::unique_ptr<std::string>& value) {
    app.add_option_function<std::string>(
           name, [&value](const std::string& text) { value = std::make_unique<std::string>(text); }, help)
        ->type_name("LIST")
        ->expected(1)
        ->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
  };
  add("--image-preload",
      "The image's own LD_PRELOAD: device preload gets both, in the order that the manifest asks for", preload_);
  add("--image-library-path", "The image's own LD_LIBRARY_PATH: device preload gets both. Without it, it sets none",
      library_path_);
  launch_.add_to(app);
}

cdi::Options CdiOptions::options(const os::Machine& machine) const {
  cdi::Options options;
  options.launch = launch_.words();
  for (std::size_t i = 0; i + 1 < options.launch.size(); ++i) {
    if (options.launch[i] == "--passthrough" || options.launch[i] == "--new-session") continue;
    const std::string name = options.launch[i];
    std::string& value = options.launch[++i];
    if (name == "--manifest") value = absolute(machine, value);
    if (name == "--emulate") value = absolute_devices(machine, value);
  }
  if (preload_) options.image_preload = *preload_;
  if (library_path_) options.image_library_path = *library_path_;
  return options;
}

}  // namespace vgpu::ctl
