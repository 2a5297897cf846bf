// A CDI specification as a value: what a container gets with one of our devices.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "launcher/cdi/options.h"
#include "launcher/os/machine.h"
#include "launcher/plan/problem.h"

namespace vgpu::cdi {

inline constexpr char kKind[] = "vgpu.dev/gpu";
inline constexpr char kAllDevice[] = "all";
// Also sets LD_PRELOAD, for images whose entrypoint is not vgpu-run.
inline constexpr char kPreloadDevice[] = "preload";
inline constexpr char kSliceDevice[] = "slice";

// What podman 4 and Docker 25 read as well as what came later: nothing we write needs more. "type" of a mount would
// take 0.4.0, "hostPath" of a device node 0.5.0, annotations or a dot in the class 0.6.0.
inline constexpr char kVersion[] = "0.3.0";

struct Mount {
  std::string host;
  std::string container;
  std::vector<std::string> options;
};

struct Edits {
  std::vector<std::string> environment;  // "NAME=VALUE"
  std::vector<Mount> mounts;
};

struct Device {
  std::string name;
  Edits edits;
};

struct Spec {
  std::string version = kVersion;
  std::string kind = kKind;
  std::vector<Device> devices;
  Edits edits;  // with any of them
};

struct Made {
  Spec spec;
  plan::Problems warnings;
};

// `machine`: the host. Its environment is not looked at. Errors: those of the launch; Code::usage for what a container
// cannot be given.
plan::Result<Made> make_spec(const os::Machine& machine, const Options& options);

// The text of the file, with a line feed at its end.
std::string to_json(const Spec& spec);

}  // namespace vgpu::cdi
