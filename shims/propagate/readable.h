// May memory that a caller points to be read? The kernel answers EFAULT to an exec with a bad pointer; reading it
// ourselves would end the process. So each page is asked for before the first byte of it is read.
//
// rt_sigprocmask copies the new mask before it looks at what is to be done with it, and nothing is: EFAULT or EINVAL.
#pragma once

#include "shims/propagate/raw.h"

namespace vgpu::propagate {

class Readable {
 public:
  // The byte there, and with it all bytes of its page.
  bool byte(const void* at) {
    const unsigned long page = reinterpret_cast<unsigned long>(at) >> kShift;
    unsigned long& known = known_[page % kKnown];
    if (page == 0) return false;  // a null mask would not be copied; nothing is there
    if (known == page) return true;
    if (!ask(page)) return false;
    known = page;
    return true;
  }

  // The first bytes of a string, as many as "VGPU_" has: mostly on the page of the string before.
  bool start(const char* text) {
    const auto address = reinterpret_cast<unsigned long>(text);
    if (address >> kShift == last_ && (address & kInPage) <= kInPage - kStart) return true;
    if (!byte(text)) return false;
    last_ = address >> kShift;
    return (address & kInPage) <= kInPage - kStart || string(text);
  }

  // The pointer at `at`, where the one before it is known to be readable unless a page begins with this one.
  bool next_pointer(char* const* at) {
    const auto address = reinterpret_cast<unsigned long>(at);
    if (listed_ && (address & kInPage) >= sizeof *at && (address & kInPage) <= kInPage + 1 - sizeof *at) return true;
    listed_ = true;
    return pointer(at);
  }

  // All of it up to the closing 0.
  bool string(const char* text) {
    for (;;) {
      if (!byte(text)) return false;
      do {
        if (*text == '\0') return true;
        ++text;
      } while ((reinterpret_cast<unsigned long>(text) & ((1UL << kShift) - 1)) != 0);
    }
  }

  // An array up to the closing null pointer, and in it each string.
  bool strings(char* const* list) {
    for (; pointer(list); ++list) {
      if (*list == nullptr) return true;
      if (!string(*list)) return false;
    }
    return false;
  }

  // A pointer may stand across two pages.
  bool pointer(char* const* at) { return byte(at) && byte(reinterpret_cast<const char*>(at + 1) - 1); }

 private:
  static constexpr unsigned kShift = 12;
  static constexpr unsigned kKnown = 8;
  static constexpr unsigned long kInPage = (1UL << kShift) - 1, kStart = 5;

  [[gnu::noinline]] static bool ask(unsigned long page) {
    constexpr long kNothing = -1, kMask = 8, kFault = -14;
    return is_simulated() ||
           raw::call(SYS_rt_sigprocmask, kNothing, static_cast<long>(page << kShift), 0, kMask) != kFault;
  }

  // Valgrind complains of the question, and stops the program at a bad pointer with more to say than EFAULT. It knows
  // this sequence of instructions (valgrind.h, RUNNING_ON_VALGRIND), which does nothing anywhere else.
  static bool is_simulated() {
#if defined(__x86_64__)
    const unsigned long request[6] = {0x1001};
    unsigned long answer = 0;
    __asm__ volatile("rolq $3, %%rdi\n\trolq $13, %%rdi\n\trolq $61, %%rdi\n\trolq $51, %%rdi\n\txchgq %%rbx, %%rbx"
                     : "+d"(answer)
                     : "a"(request)
                     : "rdi", "cc", "memory");
    return answer != 0;
#else
    return false;
#endif
  }

  unsigned long known_[kKnown] = {};
  unsigned long last_ = 0;
  bool listed_ = false;
};

}  // namespace vgpu::propagate
