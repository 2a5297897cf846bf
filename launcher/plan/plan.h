// The Plan: everything vgpu-run knows about a launch before it happens. vgpu-run executes it, vgpuctl prints, checks
// and exports it; nobody computes any of it a second time.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "launcher/os/mount_namespace.h"
#include "launcher/plan/manifest.h"
#include "launcher/plan/problem.h"

namespace vgpu::plan {

// What was asked for: the command line and its VGPU_RUN_* twins, already parsed.
struct Request {
  std::string manifest;  // --manifest, empty: the search path
  std::string profile;   // --profile, empty: by match, else "default"
  std::vector<std::string> with;
  std::vector<std::string> without;
  std::string emulate;  // "h100:2,l4"; empty: the profile's, the enclosing session's, else the default
  bool passthrough = false;
  std::string devices;                                   // --device: numbers and UUIDs by ','; empty: all there are
  std::vector<std::pair<std::string, std::string>> set;  // --set K=V: the target's environment
  std::string scope;
  std::string memory;  // "8GiB", "50%", a list by ','; empty: all that the devices have
  std::string quota;   // "required", "best-effort"; empty: required
  bool new_session = false;
  std::string argv0;  // --argv0; empty: the command as written
  bool allow_unshimmed = false;
  std::vector<std::string> command;
};

// One place in the look-up order.
struct Place {
  std::string name;                    // the shim's name, or the entry itself when foreign
  std::vector<std::string> libraries;  // absolute paths
  bool foreign = false;                // was in the user's LD_PRELOAD
  std::vector<std::string> reasons;    // why it stands here, one sentence each
};

struct Target {
  struct Step {  // one level of "#!"
    std::string script;
    std::string interpreter;
    std::string argument;
  };
  std::string path;         // what will be executed, absolute
  std::string file;         // what execve gets, as execvp(3) would give it: it is what a script sees as $0
  std::vector<Step> steps;  // empty: not a script
  std::string program;      // the ELF file that runs in the end
  std::string interpreter;  // its PT_INTERP
  int elf_class = 0;        // 32, 64
  std::string machine;      // "x86_64"
  std::string libc;         // "glibc", "musl", "" unknown or static
  std::string glibc;        // newest version the target's libc offers ("2.36"), "" unknown
  bool is_static = false;
  bool secure = false;  // AT_SECURE when executed by us
};

// A shim that the profile wants and that does not apply here.
struct LeftOut {
  std::string name;
  std::string reason;
};

struct Variable {
  std::string name;
  std::string value;
  bool operator==(const Variable&) const = default;
};

// Scope "namespace": what the target's own view of /etc has.
struct MountNamespace {
  bool needed = false;      // to be entered before the exec
  bool in_force = false;    // an enclosing vgpu-run has made the same already
  bool user = false;        // in a user namespace, because we may not make one without
  bool covers_etc = false;  // a directory stands over /etc: there is no ld.so.preload that a file could be put over
  std::vector<os::PrivateFile> files;
};

struct Plan {
  Request request;
  Manifest manifest;
  std::string profile;
  std::string profile_reason;
  std::string scope;
  std::string init;
  std::string mode;  // "emulated", "slice"; empty: not decided, because no shim needs to know
  std::string mode_reason;
  std::string real_cuda;  // of a slice: the driver's libraries
  std::string real_nvml;
  std::string device;           // what a person calls it: "h100", "a100:4"; empty: a slice
  std::string device_wire;      // VGPU_DEVICE
  std::string visible;          // VGPU_VISIBLE, of a slice; empty: all
  std::string session;          // VGPU_SESSION; empty: every process has books of its own
  std::string session_devices;  // VGPU_SESSION_DEVICES; empty: what this launch has
  std::string memory_limits;    // VGPU_MEMORY
  std::string quota;            // VGPU_QUOTA
  Target target;
  std::vector<Place> places;  // look-up order
  std::vector<LeftOut> left_out;
  std::vector<std::string> preload;       // LD_PRELOAD, entry by entry
  std::vector<std::string> library_path;  // LD_LIBRARY_PATH, entry by entry
  std::vector<std::string> init_order;    // what glibc makes of it: paths, first initialised first
  std::vector<Variable> environment;      // what is set or changed against our own environment
  std::vector<std::string> unset;         // variables of ours that the target must not have
  std::vector<std::string> envp;          // the whole environment for exec, raw strings
  MountNamespace mount_namespace;
  Problems problems;  // warnings, and errors when there is no launch
};

}  // namespace vgpu::plan
