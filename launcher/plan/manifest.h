// A manifest, after reading and merging: what shims there are, what order they ask for, and which profile wants which.
// The file format is documented in docs/manifest.md and config/schema; reading is in manifest_reader.h.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "launcher/plan/problem.h"

namespace vgpu::plan {

struct Constraint {
  enum class Kind { before, after, first, last };
  Kind kind = Kind::before;
  std::string target;  // a shim's name, a role, or a glob against the SONAME or file name of foreign entries; empty for
                       // first, last
  Position at;
  std::string reason;  // why, in the author's words; may be empty

  bool operator==(const Constraint&) const = default;
};

// A SONAME the shim stands for, with the version nodes it must define.
struct Soname {
  std::string name;                   // "libcudart.so.12"
  std::vector<std::string> versions;  // {"libcudart.so.12"}; empty: unversioned

  bool operator==(const Soname&) const = default;
};

struct Abi {
  int elf_class = 64;              // 32 or 64
  std::string machine = "x86_64";  // "x86_64", "aarch64", "i386"
  std::string libc;                // "glibc", "musl", or empty: any (freestanding)

  bool operator==(const Abi&) const = default;
};

// A directory that goes last into LD_LIBRARY_PATH, unless one of `unless` is found anywhere else.
struct Fallback {
  std::string directory;
  std::vector<std::string> unless;  // SONAMEs

  bool operator==(const Fallback&) const = default;
};

struct Conditions {
  std::vector<std::string> device;  // "emulated", "slice"; empty: any
  std::vector<std::string> target;  // globs on the target's base name or path; empty: any

  bool operator==(const Conditions&) const = default;
};

struct Shim {
  std::string name;
  std::vector<std::string> libraries;     // absolute after reading; more than one: side by side, in this order
  std::vector<std::string> provides;      // roles
  std::vector<std::string> requirements;  // names or roles, JSON key "requires"
  std::vector<Constraint> constraints;
  std::vector<Soname> sonames;
  std::vector<std::string> link_directories;  // absolute after reading: front of LD_LIBRARY_PATH
  std::vector<Fallback> fallbacks;            // absolute after reading
  Abi abi;
  bool required = true;
  bool enabled = true;                // false: a later file takes the shim of this name out
  std::vector<std::string> profiles;  // profiles that it joins, besides those that name it
  Conditions when;
  Position at;

  bool operator==(const Shim&) const = default;
};

// What libvgpu-exec does with a child that the program starts; the first rule that matches counts.
struct ChildRule {
  std::string action;              // "inject", "leave", "hide"
  std::vector<std::string> match;  // globs on the child's base name, or on its path when they hold a '/'; empty: any
  std::vector<std::string> arguments;  // globs, one of which an argument must match; empty: any

  bool operator==(const ChildRule&) const = default;
};

struct Profile {
  std::string name;
  std::string extends;                    // the profile that it builds upon; resolved by load_manifest
  std::vector<std::string> match;         // globs on the target's base name, or on its path when they hold a '/'
  std::vector<std::string> shims;         // names or roles
  std::vector<std::string> library_path;  // absolute, globs allowed, kept only where they exist
  std::vector<std::pair<std::string, std::string>> environment;
  std::vector<ChildRule> children;  // those of the profile that it extends stand behind its own
  std::string scope;                // "", "inherit", "exec", "namespace"
  std::string device;               // "" or what --emulate takes
  std::string init;                 // "", "lazy", "eager"
  std::string visible_devices;      // "" or what --device takes
  std::string memory;               // "" or what --memory takes
  std::string quota;                // "", "required", "best-effort"
  Position at;

  bool operator==(const Profile&) const = default;
};

// One file of the search path and what became of it.
struct ManifestFile {
  enum class Fate { used, masked, disabled };
  std::string path;
  Fate fate = Fate::used;
  std::string by;  // masked: the file that masks it

  bool operator==(const ManifestFile&) const = default;
};

// A shim or profile that a later file replaced.
struct Override {
  std::string name;
  Position replaced;
  Position by;

  bool operator==(const Override&) const = default;
};

struct Manifest {
  std::vector<Shim> shims;  // in file order, the tie-break of the solver
  std::vector<Profile> profiles;
  std::vector<ManifestFile> files;
  std::vector<Override> overrides;

  bool operator==(const Manifest&) const = default;
};

}  // namespace vgpu::plan
