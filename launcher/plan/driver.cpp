#include "launcher/plan/driver.h"

#include <algorithm>
#include <cstring>
#include <memory>

#include "launcher/os/elf.h"
#include "launcher/plan/ld_cache.h"
#include "shims/contract.h"

namespace vgpu::plan {
namespace {

constexpr char kNode[] = "/dev/nvidiactl";
constexpr char kWslNode[] = "/dev/dxg";  // the GPU of the Windows below; there are no others then
constexpr char kCuda[] = "libcuda.so.1";
constexpr char kNvml[] = "libnvidia-ml.so.1";
// Our own version node: a library that has it is one of ours, wherever it was copied to.
constexpr char kOurNode[] = "VGPU_1";

// Where drivers are that ld.so's cache does not know: WSL's, NixOS's, containers' (NVIDIA's toolkit without ldconfig),
// and the distributions' directories for a machine without a cache.
constexpr const char* kDirectories[] = {
    "/usr/lib/wsl/lib",          "/run/opengl-driver/lib",
    "/usr/local/nvidia/lib64",   "/usr/local/nvidia/lib",
    "/usr/lib/x86_64-linux-gnu", "/usr/lib64",
    "/usr/lib/nvidia/current",   "/usr/lib",
};

std::string directory_of(const std::string& path) { return path.substr(0, path.rfind('/')); }

class Finder {
 public:
  Finder(const os::Machine& machine, const std::vector<Shim>& shims) : machine_(machine) {
    for (const Shim& shim : shims) {
      ours_.insert(ours_.end(), shim.link_directories.begin(), shim.link_directories.end());
      for (const std::string& library : shim.libraries) ours_.push_back(directory_of(library));
    }
  }

  // "", and why not in `cause`, when nothing fits.
  std::string find(const char* soname) {
    cause_.clear();
    for (const std::string& path : cached(soname)) {
      if (fits(path)) return path;
    }
    for (const char* directory : kDirectories) {
      const std::string path = std::string(directory) + "/" + soname;
      if (machine_.status(path) && fits(path)) return path;
    }
    if (cause_.empty())
      cause_ = std::string(soname) + " is neither in ld.so's cache nor in the directories where drivers are";
    return {};
  }

  // What ld.so's cache has that could be a driver: no shim, and neither a link stub nor NVIDIA's forward compatibility
  // package, which both need a driver beside them.
  std::vector<std::string> cached(const char* soname) {
    if (!looked_) {
      if (auto view = machine_.view("/etc/ld.so.cache")) cache_ = std::move(*view);
      looked_ = true;
    }
    std::vector<std::string> paths;
    if (cache_ == nullptr) return paths;
    for (std::string& path : ld_cache_paths(cache_->bytes(), soname, 64, "x86_64")) {
      const std::string directory = directory_of(path);
      if (std::find(ours_.begin(), ours_.end(), directory) != ours_.end()) continue;
      if (directory.ends_with("/stubs") || directory.ends_with("/compat")) continue;
      paths.push_back(std::move(path));
    }
    return paths;
  }

  bool fits(const std::string& path) {
    const auto view = machine_.view(path);
    if (!view) return refuse(path, std::strerror(view.error().value));
    const auto elf = os::read_elf((*view)->bytes());
    if (!elf) return refuse(path, "is not a library");
    if (elf->elf_class != 64 || elf->machine != "x86_64")
      return refuse(path, "is for another machine than our shims: " + elf->machine);
    const auto is_ours = [](const auto& node) { return node == kOurNode; };
    if (std::any_of(elf->defines.begin(), elf->defines.end(), is_ours)) return refuse(path, "is one of our own shims");
    return true;
  }

  const std::string& cause() const { return cause_; }

 private:
  bool refuse(const std::string& path, const std::string& why) {
    if (cause_.empty()) cause_ = path + (why.starts_with("is") ? " " : ": ") + why;
    return false;
  }

  const os::Machine& machine_;
  std::vector<std::string> ours_;
  std::unique_ptr<os::FileView> cache_;
  bool looked_ = false;
  std::string cause_;
};

Problem problem(Code code, std::string where, std::string cause, std::string fix) {
  return {.code = code, .where = std::move(where), .cause = std::move(cause), .fix = std::move(fix), .excerpt = {}};
}

// Named by the user or by an enclosing launch: no other is looked for, and nobody asks for device nodes.
Result<std::string> named(Finder& finder, const char* variable, const std::string& path) {
  if (!path.starts_with('/')) {
    return Problems{problem(Code::driver_broken, std::string(variable) + "=" + path, "it is not an absolute path",
                            "name the driver's library by its absolute path, or unset it")};
  }
  if (finder.fits(path)) return path;
  return Problems{
      problem(Code::driver_broken, variable, finder.cause(), "name the real driver's library, or unset it")};
}

Mode emulated(std::string reason) { return {.name = kEmulated, .reason = std::move(reason), .cuda = {}, .nvml = {}}; }

Result<Mode> slice(Finder& finder, std::string reason, const EnvironmentList& environment) {
  Mode mode{.name = kSlice, .reason = std::move(reason), .cuda = {}, .nvml = {}};
  const std::string cuda(environment.get_or(contract::kRealCuda, ""));
  if (!cuda.empty()) {
    Result<std::string> path = named(finder, contract::kRealCuda, cuda);
    if (!path) return path.error();
    mode.cuda = std::move(*path);
  } else {
    mode.cuda = finder.find(kCuda);
    if (mode.cuda.empty()) {
      return Problems{problem(
          Code::driver_broken, kCuda, finder.cause() + ", and the driver's device nodes are there",
          "install the driver's libraries (in a container: NVIDIA_DRIVER_CAPABILITIES=compute,utility), name it "
          "in VGPU_REAL_CUDA, or use --emulate h100 for an emulated device")};
    }
  }
  const std::string nvml(environment.get_or(contract::kRealNvml, ""));
  if (!nvml.empty()) {
    Result<std::string> path = named(finder, contract::kRealNvml, nvml);
    if (!path) return path.error();
    mode.nvml = std::move(*path);
  } else if (cuda.empty()) {
    mode.nvml = finder.find(kNvml);  // none is no error: the quota does not need it
  }
  return mode;
}

// "" or the node through which the kernel's driver is reached. WSL's is asked for only there: its own init sets these.
std::string node(const os::Machine& machine, const EnvironmentList& environment) {
  if (machine.status(kNode)) return kNode;
  const bool wsl = environment.get("WSL_DISTRO_NAME") || environment.get("WSL_INTEROP");
  return wsl && machine.status(kWslNode) ? kWslNode : "";
}

Problem half_a_driver(const std::string& library) {
  return problem(Code::driver_broken, kNode,
                 library +
                     " is installed, and the device node is not there: the kernel module is not loaded, or this "
                     "container was not given the GPU",
                 "load it (nvidia-modprobe, modprobe nvidia), give the container its GPU, or use --emulate h100 for an "
                 "emulated device");
}

}  // namespace

Result<Mode> choose_mode(const os::Machine& machine, const Request& request, const Profile& profile,
                         const std::vector<Shim>& shims, const EnvironmentList& environment) {
  Finder finder(machine, shims);
  if (request.passthrough) {
    if (!request.emulate.empty()) {
      return Problems{problem(Code::usage, "--passthrough", "--emulate asks for the opposite", "give one of the two")};
    }
    if (environment.get_or(contract::kRealCuda, "").empty() && node(machine, environment).empty()) {
      const std::string library = finder.find(kCuda);
      if (!library.empty()) return Problems{half_a_driver(library)};
      return Problems{problem(Code::driver_missing, kNode,
                              "there is no NVIDIA driver here: neither its device node nor " + std::string(kCuda),
                              "install the driver, name its library in VGPU_REAL_CUDA, or leave out --passthrough")};
    }
    return slice(finder, "--passthrough", environment);
  }
  if (!request.emulate.empty()) return emulated("--emulate");
  if (!profile.device.empty()) return emulated("the profile's device");
  const bool named = !environment.get_or(contract::kRealCuda, "").empty();
  const bool inside = !environment.get_or(contract::kPreload, "").empty();
  if (environment.get(contract::kDevice) || (inside && !named)) return emulated("as the enclosing vgpu-run has it");
  if (named) return slice(finder, inside ? "as the enclosing vgpu-run has it" : contract::kRealCuda, environment);
  const std::string found = node(machine, environment);
  if (!found.empty()) return slice(finder, "there is " + found, environment);
  // The cache alone: a launch reads it anyway.
  for (const std::string& library : finder.cached(kCuda)) {
    if (finder.fits(library)) return Problems{half_a_driver(library)};
  }
  return emulated("no NVIDIA driver here");
}

}  // namespace vgpu::plan
