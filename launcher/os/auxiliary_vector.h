// What the kernel told a process at its exec: /proc/PID/auxv, getauxval(3).
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace vgpu::os {

struct AuxiliaryVector {
  int elf_class = 0;                  // 32 or 64: of the process, not of the reader
  std::uint64_t program_headers = 0;  // AT_PHDR
  std::uint64_t program_header_size = 0;
  std::uint64_t program_header_count = 0;
  std::uint64_t loader = 0;  // AT_BASE: where the dynamic linker is, 0 without one
  bool secure = false;       // AT_SECURE
};

// `bytes`: the file as it was read. The class shows in the entries themselves: read in the other width, the types
// are no small numbers any more. Nothing where it is neither, which an empty file (a kernel thread, a process that
// is gone) is as well.
std::optional<AuxiliaryVector> parse_auxiliary_vector(std::string_view bytes);

}  // namespace vgpu::os
