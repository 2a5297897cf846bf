#include "shims/syscall/trampoline.h"

#include <asm/unistd.h>

namespace vgpu::redirect {
namespace {

class Writer {
 public:
  Writer(uint8_t* into, uint64_t home) : into_(into), home_(home) {}
  uint64_t here() const { return home_ + size_; }
  size_t size() const { return size_; }
  void bytes(const uint8_t* data, size_t size) {
    for (size_t i = 0; i < size; ++i) into_[size_++] = data[i];
  }
  template <class... Byte>
  void code(Byte... byte) {
    ((into_[size_++] = static_cast<uint8_t>(byte)), ...);
  }
  void number(uint64_t value, size_t size) {
    for (size_t i = 0; i < size; ++i) code(value >> (8 * i));
  }
  // A conditional jump forward: remembers where its distance goes.
  size_t jump_if_equal() {
    code(0x74, 0);  // je rel8
    return size_;
  }
  void lands_here(size_t jump) { into_[jump - 1] = static_cast<uint8_t>(size_ - jump); }

 private:
  uint8_t* into_;
  uint64_t home_;
  size_t size_ = 0;
};

}  // namespace

bool encode_jump(uint8_t* into, uint64_t from, uint64_t to) {
  const auto distance = static_cast<int64_t>(to - (from + kJump));
  if (distance != static_cast<int32_t>(distance)) return false;
  Writer writer(into, from);
  writer.code(0xe9);
  writer.number(static_cast<uint64_t>(distance), 4);
  return true;
}

size_t write_trampoline(uint8_t* into, uint64_t home, const Stub& stub, uint64_t place, uint64_t entry) {
  Writer writer(into, home);
  writer.bytes(stub.code, stub.displaced);
  writer.code(0x48, 0x3d);  // cmp $__NR_execve,%rax
  writer.number(__NR_execve, 4);
  const size_t execve = writer.jump_if_equal();
  writer.code(0x48, 0x3d);  // cmp $__NR_execveat,%rax
  writer.number(__NR_execveat, 4);
  const size_t execveat = writer.jump_if_equal();
  uint8_t back[kJump];
  if (!encode_jump(back, writer.here(), place + stub.displaced)) return 0;
  writer.bytes(back, kJump);

  writer.lands_here(execve);
  writer.lands_here(execveat);
  writer.bytes(stub.code + stub.displaced, stub.system_call - stub.displaced);
  writer.code(0x48, 0xb9);  // movabs $after the SYSCALL,%rcx
  writer.number(place + stub.system_call + 2, 8);
  writer.code(0x49, 0xbb);  // movabs $entry,%r11
  writer.number(entry, 8);
  writer.code(0x41, 0xff, 0xe3);  // jmp *%r11
  return writer.size();
}

}  // namespace vgpu::redirect
