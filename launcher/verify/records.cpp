#include "launcher/verify/records.h"

#include <algorithm>
#include <cstring>
#include <string_view>

#include "shims/cuda/status.h"
#include "shims/exec/status.h"
#include "shims/syscall/status.h"

namespace vgpu::verify {
namespace {

using propagate::Reason;

template <class Record>
std::optional<Record> copied(std::span<const unsigned char> bytes) {
  if (bytes.size() < sizeof(Record)) return std::nullopt;
  Record record;
  std::memcpy(&record, bytes.data(), sizeof record);
  if (record.size < sizeof record) return std::nullopt;
  return record;
}

template <std::size_t N>
std::string bounded(const char (&text)[N]) {
  return std::string(text, ::strnlen(text, N));
}

template <std::size_t N>
std::vector<RefusedChild> children(const UnshimmedChild (&ring)[N], std::uint64_t count) {
  std::vector<RefusedChild> refused;
  const std::uint64_t kept = std::min<std::uint64_t>(count, N);
  for (std::uint64_t i = count - kept; i != count; ++i) {
    const UnshimmedChild& child = ring[i % N];
    if (child.reason == 0 || child.reason > static_cast<unsigned>(Reason::no_memory)) continue;
    const int pid = child.pid > INT32_MAX ? 0 : static_cast<int>(child.pid);
    refused.push_back({pid, bounded(child.name), static_cast<Reason>(child.reason)});
  }
  return refused;
}

const char* name(redirect::State state) {
  switch (state) {
    case redirect::State::none: return "none";
    case redirect::State::idle: return "idle";
    case redirect::State::active: return "active";
    case redirect::State::refused: return "refused";
  }
  return nullptr;
}

}  // namespace

const RecordPlace kExecPlace = {"vgpu_exec_status", sizeof(ExecStatus)};
const RecordPlace kSyscallPlace = {"vgpu_syscall_status", sizeof(redirect::Status)};
const RecordPlace kCudaPlace = {"vgpu_cuda_status", sizeof(cuda::Status)};

std::optional<ExecRecord> decode_exec(std::span<const unsigned char> bytes) {
  const auto status = copied<ExecStatus>(bytes);
  if (!status || status->magic != ExecStatus::kMagic || status->version != ExecStatus::kVersion) return std::nullopt;
  ExecRecord record;
  record.active = status->active != 0;
  for (const std::uint32_t calls : status->calls) record.calls += calls;
  record.unshimmed = status->unshimmed;
  record.refused = children(status->ring, status->unshimmed);
  return record;
}

std::optional<SyscallRecord> decode_syscall(std::span<const unsigned char> bytes) {
  const auto status = copied<redirect::Status>(bytes);
  if (!status || std::string_view(status->magic, sizeof status->magic) != "vgpusys1") return std::nullopt;
  const char* const state = name(status->state);
  if (state == nullptr) return std::nullopt;
  SyscallRecord record;
  record.state = state;
  if (status->state != redirect::State::active) record.reason = redirect::reason_text(status->reason);
  record.runtime = bounded(status->runtime);
  const std::string version = bounded(status->version);
  if (!version.empty()) record.runtime += " " + version;
  record.taken = status->taken;
  record.by_libc = status->by_libc;
  record.unshimmed = status->unshimmed;
  record.refused = children(status->ring, status->unshimmed);
  return record;
}

std::optional<CudaRecord> decode_cuda(std::span<const unsigned char> bytes) {
  const auto status = copied<cuda::Status>(bytes);
  if (!status || std::string_view(status->magic, sizeof status->magic) != "vgpucud1") return std::nullopt;
  return CudaRecord{status->inits, status->result,       status->visible,
                    status->total, status->cuda_version, status->first_call};
}

const char* text(Reason reason) {
  switch (reason) {
    case Reason::none: break;
    case Reason::static_program: return "it is statically linked";
    case Reason::secure: return "it gains privilege (set-user-ID, set-group-ID or file capabilities)";
    case Reason::other_class: return "it is of the other class, 32-bit";
    case Reason::other_machine: return "it is for another processor";
    case Reason::other_libc: return "it is a musl program";
    case Reason::unknown_loader: return "its dynamic linker is neither glibc's nor musl's";
    case Reason::rule_leave: return "a rule of the manifest leaves it alone";
    case Reason::rule_hide: return "a rule of the manifest hides the shims from it";
    case Reason::switched_off: return "it was started with VGPU_EXEC=off";
    case Reason::too_big: return "its environment would have been too big with the shims' variables";
    case Reason::no_memory: return "there was no memory for its environment";
  }
  return "it got all of them";
}

}  // namespace vgpu::verify
