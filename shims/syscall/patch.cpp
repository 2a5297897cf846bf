#include "shims/syscall/patch.h"

#include "shims/syscall/kernel.h"
#include "shims/syscall/trampoline.h"

namespace vgpu::redirect {
namespace {

using kernel::kExecute;
using kernel::kPage;
using kernel::kRead;
using kernel::kWrite;

// A mapping of ours, gone again unless kept.
class Page {
 public:
  explicit Page(void* page) : page_(static_cast<uint8_t*>(page)) {}
  ~Page() {
    if (page_ != nullptr) kernel::unmap(page_, kPage);
  }
  Page(const Page&) = delete;
  Page& operator=(const Page&) = delete;
  explicit operator bool() const { return page_ != nullptr; }
  uint8_t* data() const { return page_; }
  uint64_t address() const { return reinterpret_cast<uint64_t>(page_); }
  // Writable until now, executable from now on. Here a kernel that forbids changed code says so.
  bool make_executable() const {
    return !kernel::failed(kernel::call(__NR_mprotect, kernel::address(page_), kPage, kRead | kExecute));
  }
  void keep() { page_ = nullptr; }

 private:
  uint8_t* page_;
};

// A page within reach of a jump: below the program if there is room, because the heap grows above it.
void* page_near(const Program& program) {
  constexpr uint64_t kStep = 16 * kPage;
  constexpr uint64_t kSteps = 1024;
  constexpr uint64_t kHeapRoom = uint64_t{1} << 30;
  const uint64_t low = program.lowest(), high = program.highest();
  for (uint64_t i = 1; i <= 2 * kSteps; ++i) {
    uint64_t wanted;
    if (i <= kSteps) {
      if (low <= i * kStep) continue;
      wanted = low - i * kStep;
    } else {
      wanted = high + kHeapRoom + (i - kSteps) * kStep;
    }
    auto* hint = reinterpret_cast<void*>(wanted);
    void* got =
        kernel::map(hint, kPage, kRead | kWrite, kernel::kPrivate | kernel::kAnonymous | kernel::kFixedNoReplace);
    if (got == hint) return got;
    if (got != nullptr) kernel::unmap(got, kPage);  // before Linux 4.17 the flag is not known
  }
  return nullptr;
}

// The constructor runs before the program does, but a library's constructor may have started a thread.
bool alone() {
  struct {
    uint64_t device, inode, links;
    uint64_t rest[15];
  } stat;
  if (kernel::failed(kernel::call(__NR_stat, kernel::address("/proc/self/task"), kernel::address(&stat)))) return false;
  return stat.links == 3;  // ".", ".." and one thread
}

// Maps once more what the file has for the page at `page` of the program.
void* map_page_of_file(const Program& program, const Elf64_Phdr& segment, const uint8_t* page, void* where,
                       long protection, long flags) {
  const long file = kernel::open("/proc/self/exe");
  if (kernel::failed(file)) return nullptr;
  const uint64_t offset = segment.p_offset + (reinterpret_cast<uint64_t>(page) - program.bias() - segment.p_vaddr);
  void* mapped = kernel::map(where, kPage, protection, flags | kernel::kPrivate, file, offset);
  kernel::close(file);
  return mapped;
}

}  // namespace

Reason redirect(const Program& program, const Found& found, uint64_t entry, uint64_t& trampoline) {
  const auto place = reinterpret_cast<uint64_t>(found.place);
  auto* page = reinterpret_cast<uint8_t*>(place & ~(kPage - 1));
  const size_t offset = place - reinterpret_cast<uint64_t>(page);
  if (offset + found.stub->displaced > kPage)
    return Reason::other_bytes;  // no linker splits a stub's first instructions
  const Elf64_Phdr* segment = program.segment(found.place, found.stub->size, PF_R | PF_X);
  if (segment == nullptr || (segment->p_flags & PF_W) != 0) return Reason::file_differs;
  if (!alone()) return Reason::other_threads;

  Page changed(map_page_of_file(program, *segment, page, nullptr, kRead | kWrite, 0));
  // A debugger's breakpoint, another patch: whoever changed the code would lose the change.
  if (!changed || !same_bytes(changed.data(), page, kPage)) return Reason::file_differs;
  Page target(page_near(program));
  if (!target) return Reason::no_memory;
  if (write_trampoline(target.data(), target.address(), *found.stub, place, entry) == 0) return Reason::no_memory;
  if (!encode_jump(changed.data() + offset, place, target.address())) return Reason::no_memory;
  if (!target.make_executable() || !changed.make_executable()) return Reason::code_is_sealed;

  const long moved = kernel::call(__NR_mremap, kernel::address(changed.data()), kPage, kPage,
                                  3 /* MREMAP_MAYMOVE | MREMAP_FIXED */, kernel::address(page));
  if (kernel::failed(moved)) {
    // The kernel takes the old page away before the move, and for want of memory may stop there. The file
    // still has it.
    map_page_of_file(program, *segment, page, page, kRead | kExecute, kernel::kFixed);
    return Reason::swap_failed;
  }
  changed.keep();
  trampoline = target.address();
  target.keep();
  return Reason::none;
}

}  // namespace vgpu::redirect
