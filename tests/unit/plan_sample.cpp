#include "tests/unit/plan_sample.h"

#include <cstdlib>
#include <fstream>
#include <sstream>

namespace vgpu::test {
namespace {

using namespace vgpu::plan;

constexpr char kTree[] = "/opt/vgpu/lib/vgpu/";

std::string in_tree(const std::string& name) { return kTree + name; }

Shim shim(const std::string& name, std::vector<std::string> libraries, const std::string& role,
          std::vector<Soname> sonames = {}) {
  Shim made;
  made.name = name;
  for (const std::string& library : libraries) made.libraries.push_back(in_tree(library));
  made.provides = {role};
  made.sonames = std::move(sonames);
  return made;
}

Place place(const Shim& shim, std::vector<std::string> reasons) {
  return {shim.name, shim.libraries, false, std::move(reasons)};
}

}  // namespace

Plan sample_plan() {
  Plan plan;
  plan.request.command = {"ollama", "serve"};
  plan.manifest.files = {{"/opt/vgpu/share/vgpu-run/manifest.json", ManifestFile::Fate::used, {}}};
  plan.manifest.shims = {
      shim("exec", {"libvgpu-exec.so"}, "exec-propagation"),
      shim("syscall", {"libvgpu-syscall.so"}, "syscall-propagation"),
      shim("cuda", {"libvgpu-cuda.so"}, "cuda-driver", {{"libcuda.so.1", {}}}),
      shim("nvml", {"libvgpu-nvml.so"}, "nvml", {{"libnvidia-ml.so.1", {}}}),
      shim("cudart", {"libvgpu-cudart12.so", "libvgpu-cudart13.so"}, "cuda-runtime",
           {{"libcudart.so.12", {"libcudart.so.12"}}, {"libcudart.so.13", {"libcudart.so.13"}}}),
  };
  const std::vector<Shim>& shims = plan.manifest.shims;
  plan.profile = "ollama";
  plan.profile_reason = "it matches the program";
  plan.scope = "exec";
  plan.init = "lazy";
  plan.device = "h100";
  plan.device_wire = "v=1;id=h100";
  plan.target.path = "/usr/local/bin/ollama";
  plan.target.file = "/usr/local/bin/ollama";
  plan.target.program = "/usr/local/bin/ollama";
  plan.target.interpreter = "/lib64/ld-linux-x86-64.so.2";
  plan.target.elf_class = 64;
  plan.target.machine = "x86_64";
  plan.target.libc = "glibc";
  plan.target.glibc = "2.36";
  const std::string carried = "what carries the shims into children stands in front of what is carried";
  plan.places = {
      place(shims[0], {"first: an exec wrapper in front of it would start children that it never sees"}),
      place(shims[1], {"after exec: it is the second net, for what passes by the first", "before cuda: " + carried,
                       "before nvml: " + carried, "before cudart: " + carried}),
      place(shims[2], {"before nvml: NVML reports the memory that the driver gave out",
                       "before cudart: the runtime is built upon the driver"}),
      place(shims[3], {"before cudart: the runtime is the topmost layer"}),
      place(shims[4], {"its place in the manifest"}),
  };
  std::string list;
  for (const Place& one : plan.places) {
    for (const std::string& library : one.libraries) {
      plan.preload.push_back(library);
      list += (list.empty() ? "" : ":") + library;
    }
  }
  plan.init_order.assign(plan.preload.rbegin(), plan.preload.rend());
  plan.library_path = {"/opt/vgpu/lib/vgpu/link", "/usr/local/lib/ollama", "/opt/vgpu/lib/vgpu/fallback/12"};
  plan.environment = {
      {"LD_PRELOAD", list},
      {"LD_LIBRARY_PATH", "/opt/vgpu/lib/vgpu/link:/usr/local/lib/ollama:/opt/vgpu/lib/vgpu/fallback/12"},
      {"VGPU_PRELOAD", list},
      {"VGPU_LIBRARY_PATH", "/opt/vgpu/lib/vgpu/link"},
      {"VGPU_LIBRARY_PATH_LAST", "/usr/local/lib/ollama:/opt/vgpu/lib/vgpu/fallback/12"},
      {"VGPU_DEVICE", "v=1;id=h100"},
      {"VGPU_INIT", "lazy"},
      {"VGPU_SCOPE", "exec"},
  };
  return plan;
}

Plan full_plan() {
  Plan plan = sample_plan();
  plan.request.command = {"./run me.py", "--text=a b", "it's", "line\nbreak", "\033[2J", "\xff\xfe", ""};
  Manifest& manifest = plan.manifest;
  manifest.files.push_back({"/etc/vgpu-run/manifest.d/50-asan.json", ManifestFile::Fate::used, {}});
  manifest.files.push_back({"/home/u/.config/vgpu-run/manifest.d/60-x.json", ManifestFile::Fate::disabled, {}});
  manifest.files.push_back({"/etc/vgpu-run/manifest.d/60-x.json", ManifestFile::Fate::masked,
                            "/home/u/.config/vgpu-run/manifest.d/60-x.json"});
  manifest.overrides.push_back({"exec",
                                {"/opt/vgpu/share/vgpu-run/manifest.json", "/shims/0", 6, 5},
                                {"/etc/vgpu-run/manifest.d/50-asan.json", "/shims/0", 3, 16}});
  Target& target = plan.target;
  target.path = target.file = "/srv/run me.py";
  target.steps = {{"/srv/run me.py", "/usr/bin/env", "python3"}};
  target.program = "/usr/bin/python3.11";
  target.secure = true;
  plan.places.insert(plan.places.begin(), {"libasan.so.8",
                                           {"/usr/lib/x86_64-linux-gnu/libasan.so.8"},
                                           true,
                                           {"before exec: a sanitizer ends programs in which it is not first"}});
  plan.preload.insert(plan.preload.begin(), "/usr/lib/x86_64-linux-gnu/libasan.so.8");
  plan.init_order = {plan.preload[3], plan.preload[6], plan.preload[5], plan.preload[4],
                     plan.preload[2], plan.preload[1], plan.preload[0]};
  plan.left_out = {{"hami", "its condition asks for a slice of a real GPU"}};
  plan.library_path.insert(plan.library_path.begin() + 2, "/home/u/lib");
  plan.environment.push_back({"caf\xc3\xa9", "\xff is no UTF-8, \xe2\x82 neither"});
  plan.environment.push_back({"\x80 name", ""});
  plan.unset = {"VGPU_OLD", "bad\xffname"};
  plan.problems.push_back({Code::shim_missing,
                           Severity::warning,
                           "/usr/lib/lib\x1b[31m.so",
                           "there is no such file",
                           "remove it from LD_PRELOAD, or correct its path",
                           {}});
  plan.problems.push_back({Code::manifest_invalid, Severity::error,
                           "/etc/vgpu-run/manifest.d/50-asan.json:3:16 (/shims/0)", "\"libary\" is no key of a shim",
                           "did you mean \"library\"?", "    { \"libary\": \"x.so\" }\n      ^"});
  return plan;
}

Plan empty_plan() {
  Plan plan;
  plan.request.command = {"true"};
  plan.problems.push_back({Code::manifest_unreadable,
                           Severity::error,
                           "/opt/vgpu/share/vgpu-run/manifest.json",
                           "No such file or directory",
                           "check the path, or install share/vgpu-run beside bin/",
                           {}});
  return plan;
}

std::string golden(const std::string& name, const std::string& actual) {
  const std::string path = VGPU_SOURCE_DIR "/tests/unit/" + name;
  if (std::getenv("VGPU_UPDATE") != nullptr) std::ofstream(path, std::ios::binary) << actual;
  std::ostringstream content;
  content << std::ifstream(path, std::ios::binary).rdbuf();
  return content.str();
}

}  // namespace vgpu::test
