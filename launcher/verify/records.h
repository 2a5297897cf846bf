// What the shims wrote down in a process about themselves: the records of shims/exec/status.h, shims/syscall/status.h
// and shims/cuda/status.h, as values. Another process wrote them: they are copied, their magic and size are checked,
// and names end where the record ends.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "shims/propagate/reason.h"

namespace vgpu::verify {

// A child that a process started without all the shims, as its libvgpu-exec or libvgpu-syscall knows it.
struct RefusedChild {
  int pid = 0;       // 0: not known
  std::string name;  // the end of the path
  propagate::Reason reason = propagate::Reason::none;
};

struct ExecRecord {
  bool active = false;      // it has shims to carry
  std::uint64_t calls = 0;  // of exec, spawn and shell functions
  std::uint64_t unshimmed = 0;
  std::vector<RefusedChild> refused;  // the last ones
};

struct SyscallRecord {
  std::string state;    // "none", "idle", "active", "refused"
  std::string reason;   // why not active; empty when it is
  std::string runtime;  // "go go1.19.8"; empty: none
  std::uint64_t taken = 0;
  std::uint64_t by_libc = 0;
  std::uint64_t unshimmed = 0;
  std::vector<RefusedChild> refused;
};

struct CudaRecord {
  std::uint32_t inits = 0;
  int result = 0;
  int visible = 0;
  int total = 0;
  int cuda_version = 0;
  std::uint64_t first_call = 0;
};

// Nothing where it is not such a record, or of a version that we do not know.
std::optional<ExecRecord> decode_exec(std::span<const unsigned char> bytes);
std::optional<SyscallRecord> decode_syscall(std::span<const unsigned char> bytes);
std::optional<CudaRecord> decode_cuda(std::span<const unsigned char> bytes);

// The symbol and the size of each.
struct RecordPlace {
  const char* symbol;
  std::size_t size;
};
extern const RecordPlace kExecPlace;
extern const RecordPlace kSyscallPlace;
extern const RecordPlace kCudaPlace;

// A clause: "it is statically linked".
const char* text(propagate::Reason reason);

}  // namespace vgpu::verify
