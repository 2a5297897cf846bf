#include "launcher/probe/doors.h"

#include <dlfcn.h>
#include <stdlib.h>
#include <unistd.h>

#include <filesystem>
#include <sstream>

namespace vgpu::probe {
namespace {

using Way = Door::Way;

std::vector<Door> make_doors() {
  std::vector<Door> list = {
      {"driver.linked", Api::driver, "linked, DT_NEEDED libcuda.so.1", Way::linked, "driver", ""},
      {"driver.name", Api::driver, "dlopen libcuda.so.1", Way::dlopen, "libcuda.so.1", ""},
      {"driver.development", Api::driver, "dlopen libcuda.so", Way::dlopen, "libcuda.so", ""},
      {"driver.path", Api::driver, "dlopen by absolute path", Way::path, "libcuda.so.1", ""},
      {"driver.default", Api::driver, "dlsym RTLD_DEFAULT", Way::default_scope, "", ""},
      {"driver.proc_address", Api::driver, "cuGetProcAddress", Way::proc_address, "libcuda.so.1", ""},
  };
  for (const std::string major : {"12", "13"}) {
    list.push_back({"driver.entry_point" + major, Api::driver, "cudaGetDriverEntryPoint, runtime " + major,
                    Way::entry_point, "libcudart.so." + major, ""});
  }
  for (const std::string major : {"12", "13"}) {
    const std::string soname = "libcudart.so." + major;
    const std::string id = "runtime" + major;
    list.push_back({id + ".linked", Api::runtime, "linked, DT_NEEDED " + soname, Way::linked, "runtime" + major, ""});
    list.push_back({id + ".name", Api::runtime, "dlopen " + soname, Way::dlopen, soname, soname});
    list.push_back({id + ".path", Api::runtime, "dlopen " + soname + " by absolute path", Way::path, soname, soname});
    list.push_back({id + ".default", Api::runtime, "dlvsym RTLD_DEFAULT, " + soname, Way::default_scope, "", soname});
  }
  list.push_back({"runtime.development", Api::runtime, "dlopen libcudart.so", Way::dlopen, "libcudart.so", ""});
  const std::string nvml = "libnvidia-ml.so.1";
  list.push_back({"nvml.linked", Api::nvml, "linked, DT_NEEDED " + nvml, Way::linked, "nvml", ""});
  list.push_back({"nvml.name", Api::nvml, "dlopen " + nvml, Way::dlopen, nvml, ""});
  list.push_back({"nvml.development", Api::nvml, "dlopen libnvidia-ml.so", Way::dlopen, "libnvidia-ml.so", ""});
  list.push_back({"nvml.path", Api::nvml, "dlopen by absolute path", Way::path, nvml, ""});
  list.push_back({"nvml.default", Api::nvml, "dlsym RTLD_DEFAULT", Way::default_scope, "", ""});
  return list;
}

Resolver library_resolver(void* handle, const std::string& node) {
  return [handle, node](const char* name) {
    return node.empty() ? dlsym(handle, name) : dlvsym(handle, name, node.c_str());
  };
}

Resolver open_library(const std::string& file, const std::string& node, std::string& error) {
  void* handle = dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (handle == nullptr) {
    error = dlerror();
    return {};
  }
  return library_resolver(handle, node);
}

// lib/vgpu/probe of the tree that this program stands in.
std::filesystem::path helper_directory() {
  std::error_code ignored;
  return std::filesystem::read_symlink("/proc/self/exe", ignored).parent_path().parent_path() / "lib/vgpu/probe";
}

// A helper library that was linked against the real name: its references are filled by ld.so, as a program's
// are.
Resolver open_linked(const Door& door, std::string& error) {
  const std::string file = helper_directory() / ("libvgpu-probe-" + door.library + ".so");
  void* handle = dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (handle == nullptr) {
    error = dlerror();
    return {};
  }
  void* function = dlsym(handle, "vgpu_probe_linked");
  if (function == nullptr) {
    error = file + " is not a helper of vgpu-probe";
    return {};
  }
  return reinterpret_cast<void* (*)(const char*)>(function);
}

// Where programs look that search for the file themselves: LD_LIBRARY_PATH, then the system's directories.
std::string find_file(const std::string& name) {
  std::vector<std::string> directories;
  const char* path = getenv("LD_LIBRARY_PATH");
  std::istringstream stream(path != nullptr ? path : "");
  for (std::string directory; std::getline(stream, directory, ':');) directories.push_back(directory);
  for (const char* directory : {"/usr/lib/x86_64-linux-gnu", "/usr/lib64", "/usr/lib", "/usr/local/cuda/lib64"}) {
    directories.emplace_back(directory);
  }
  for (const std::string& directory : directories) {
    const std::string file = directory + '/' + name;
    if (directory.starts_with('/') && access(file.c_str(), R_OK) == 0) return file;
  }
  return {};
}

// "cuDeviceTotalMem_v2" is asked for as "cuDeviceTotalMem": the version decides.
std::string without_version(std::string name) {
  const std::size_t at = name.rfind("_v");
  return at != std::string::npos && at + 3 == name.size() ? name.substr(0, at) : name;
}

constexpr int kAskedVersion = 12000;  // CUDA 12.0: old enough for every driver that has cuGetProcAddress_v2

Resolver open_proc_address(const Door& door, std::string& error) {
  Resolver library = open_library(door.library, "", error);
  if (!library) return {};
  using Function = int (*)(const char*, void**, int, std::uint64_t, int*);
  const auto function = reinterpret_cast<Function>(library("cuGetProcAddress_v2"));
  if (function == nullptr) {
    error = "no cuGetProcAddress_v2";
    return {};
  }
  return [function](const char* name) {
    void* found = nullptr;
    int status = 0;
    function(without_version(name).c_str(), &found, kAskedVersion, 0, &status);
    return found;
  };
}

Resolver open_entry_point(const Door& door, std::string& error) {
  Resolver library = open_library(door.library, door.library, error);
  if (!library) return {};
  using Function = int (*)(const char*, void**, unsigned long long, int*);
  using ByVersion = int (*)(const char*, void**, unsigned, unsigned long long, int*);
  // 13 has the second one alone in its headers, both in the library; runtimes before 12.5 have the first one
  // alone.
  const auto by_version = reinterpret_cast<ByVersion>(library("cudaGetDriverEntryPointByVersion"));
  const auto function = reinterpret_cast<Function>(library("cudaGetDriverEntryPoint"));
  if (by_version == nullptr && function == nullptr) {
    error = "no cudaGetDriverEntryPoint";
    return {};
  }
  return [by_version, function](const char* name) {
    void* found = nullptr;
    int status = 0;
    const std::string plain = without_version(name);
    if (by_version != nullptr) {
      by_version(plain.c_str(), &found, kAskedVersion, 0, &status);
    } else {
      function(plain.c_str(), &found, 0, &status);
    }
    return found;
  };
}

std::string file_of(void* function) {
  Dl_info info = {};
  if (dladdr(function, &info) == 0 || info.dli_fname == nullptr) return "unknown";
  std::error_code failed;
  const std::string file = std::filesystem::canonical(info.dli_fname, failed);
  return failed ? info.dli_fname : file;
}

const char* first_function(Api api) {
  switch (api) {
    case Api::driver: return "cuInit";
    case Api::runtime: return "cudaGetDeviceCount";
    case Api::nvml: return "nvmlInit_v2";
  }
  return "";
}

}  // namespace

const std::vector<Door>& doors() {
  static const std::vector<Door> list = make_doors();
  return list;
}

const Door* find_door(std::string_view id) {
  for (const Door& door : doors()) {
    if (door.id == id) return &door;
  }
  return nullptr;
}

Resolver open_door(const Door& door, std::string& error) {
  switch (door.way) {
    case Way::linked: return open_linked(door, error);
    case Way::dlopen: return open_library(door.library, door.node, error);
    case Way::default_scope: return library_resolver(RTLD_DEFAULT, door.node);
    case Way::proc_address: return open_proc_address(door, error);
    case Way::entry_point: return open_entry_point(door, error);
    case Way::path: break;
  }
  const std::string file = find_file(door.library);
  if (!file.empty()) return open_library(file, door.node, error);
  error = "no " + door.library + " in LD_LIBRARY_PATH or the system's directories";
  return {};
}

Answer ask(const Door& door) {
  Answer answer;
  answer.door = door.id;
  const Resolver resolve = open_door(door, answer.error);
  if (!resolve) return answer;
  const char* name = first_function(door.api);
  void* function = resolve(name);
  if (function == nullptr) {
    answer.error = std::string("no ") + name + " there";
    return answer;
  }
  answer.library = file_of(function);
  switch (door.api) {
    case Api::driver: ask_driver(resolve, answer); break;
    case Api::runtime: ask_runtime(resolve, answer); break;
    case Api::nvml: ask_nvml(resolve, answer); break;
  }
  return answer;
}

}  // namespace vgpu::probe
