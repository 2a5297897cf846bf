// What the build wrote down about our own libraries, so that a launch need not read them again.
//
// A launch has a budget of 30 system calls. Reading six libraries takes 18 of them (statx, open, mmap each);
// asking for their status alone takes 6. So the build reads each shim with the same ELF reader that preflight
// uses and links the facts into vgpu-run together with the file's size and modification time. A library whose
// name, size and modification time (to the nanosecond) are those of the seal is the file that the build read.
//
// * Moved trees (mv, cp -a, tar, rsync -a, cmake --install, container layers) keep both: the seal holds. GNU
// tar keeps
//   whole seconds only: where the file has no nanoseconds, seconds are compared.
// * A truncated or replaced library has another size; one that was written in place, also with the same size,
// has
//   another modification time. A plain `cp` gives a new one too. All of these are read as any third party's
//   library is: the seal decides what is read, never what is right.
// * Not seen: damage below the file system (a bad disk), and somebody who sets the time back. The first also
// breaks
//   vgpu-run, the second may write our libraries and needs no trick.
// * Packagers: dpkg and rpm clamp times to SOURCE_DATE_EPOCH. When that is set while building, the seal holds
// that
//   time, which also keeps the build reproducible.
// * `vgpuctl check` passes no seal and reads everything.
//
// Missing, directory, unreadable, untrusted and noexec are never sealed: they come from the status of each
// launch.
#pragma once

#include <cstdint>
#include <span>

namespace vgpu::plan {

struct SealedLibrary {
  const char* name;  // base name: "libvgpu-cuda.so"
  std::uint64_t size;
  std::int64_t mtime;  // seconds
  std::uint32_t mtime_nanoseconds;
  int elf_class;
  const char* machine;
  const char* libc;  // "glibc" or "": any
  const char* soname;
  std::span<const char* const> needed;
  std::span<const char* const> defines;  // version nodes
  const char* newest_glibc;              // "2.17", "": none
};

using Seal = std::span<const SealedLibrary>;

// The facts of this build's shims (generated, target vgpu_seal). Linked into vgpu-run only.
Seal own_seal();

}  // namespace vgpu::plan
