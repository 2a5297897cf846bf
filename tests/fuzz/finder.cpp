// Any bytes as the file of a program, mapped as the kernel would: whatever libvgpu-syscall finds in it is a stub that
// it knows, in code.
#include "shims/syscall/finder.h"

#include <elf.h>
#include <sys/mman.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <span>

using namespace vgpu::redirect;

namespace {

constexpr std::uint64_t kMostMemory = 1 << 20;
constexpr std::uint64_t kBase = 0x123400000000;  // always, so that a file can hold addresses: nobody relocates it

void require(bool promise) {
  if (!promise) std::abort();
}

// The segments of a position-independent program in memory; nothing where the kernel or ld.so would not have started
// it.
class Image {
 public:
  explicit Image(std::span<const std::uint8_t> file) {
    Elf64_Ehdr header;
    if (file.size() < sizeof header) return;
    std::memcpy(&header, file.data(), sizeof header);
    const std::uint64_t size = header.e_phnum * sizeof(Elf64_Phdr);
    if (header.e_phnum == 0 || header.e_phnum > 64 || header.e_phoff > file.size() ||
        size > file.size() - header.e_phoff)
      return;
    Elf64_Phdr segments[64];
    std::memcpy(segments, file.data() + header.e_phoff, size);
    const Elf64_Phdr* phdr = nullptr;
    for (unsigned i = 0; i < header.e_phnum; ++i) {
      const Elf64_Phdr& segment = segments[i];
      if (segment.p_type == PT_PHDR && phdr == nullptr) phdr = &segment;
      if (segment.p_type != PT_LOAD) continue;
      if (segment.p_filesz > segment.p_memsz || segment.p_vaddr > kMostMemory ||
          segment.p_memsz > kMostMemory - segment.p_vaddr || segment.p_offset > file.size() ||
          segment.p_filesz > file.size() - segment.p_offset)
        return;
    }
    if (phdr == nullptr || phdr->p_vaddr > kMostMemory - size || phdr->p_vaddr % alignof(Elf64_Phdr) != 0) return;
    void* const memory = mmap(reinterpret_cast<void*>(kBase), kMostMemory, PROT_READ | PROT_WRITE,
                              MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
    require(memory == reinterpret_cast<void*>(kBase));
    memory_ = static_cast<std::uint8_t*>(memory);
    for (unsigned i = 0; i < header.e_phnum; ++i) {
      if (segments[i].p_type == PT_LOAD && segments[i].p_filesz > 0)
        std::memcpy(memory_ + segments[i].p_vaddr, file.data() + segments[i].p_offset, segments[i].p_filesz);
    }
    std::memcpy(memory_ + phdr->p_vaddr, segments, size);
    process_.segments = reinterpret_cast<const Elf64_Phdr*>(memory_ + phdr->p_vaddr);
    process_.segment_count = header.e_phnum;
  }
  ~Image() {
    if (memory_ != nullptr) munmap(memory_, kMostMemory);
  }
  Image(const Image&) = delete;
  Image& operator=(const Image&) = delete;

  bool loaded() const { return memory_ != nullptr; }
  const vgpu::propagate::Process& process() const { return process_; }

 private:
  std::uint8_t* memory_ = nullptr;
  vgpu::propagate::Process process_;
};

void check(const Program& program) {
  (void)program.has_note("Go");
  const Found found = find_stub(program);
  require((found.stub != nullptr) == (found.reason == Reason::none));
  if (found.stub == nullptr) return;
  require(program.segment(found.place, found.stub->size, PF_R | PF_X) != nullptr && found.stub->matches(found.place));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  // As mmap lays a file: at a page, and zeros behind it up to the next one.
  const std::size_t room = (size + 4095) / 4096 * 4096;
  auto* const file = static_cast<std::uint8_t*>(std::aligned_alloc(4096, std::max<std::size_t>(room, 4096)));
  std::memset(file, 0, std::max<std::size_t>(room, 4096));
  if (size > 0) std::memcpy(file, data, size);
  {
    const Image image({file, size});
    Program program;
    if (image.loaded() && program.find(image.process())) {
      check(program);  // without the file
      if (program.adopt({file, size})) check(program);
    }
  }
  std::free(file);
  return 0;
}
