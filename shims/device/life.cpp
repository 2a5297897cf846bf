#include "shims/device/life.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include <atomic>

#include "shims/device/visible_devices.h"

// Linux 4.14, glibc 2.26: absent from older headers.
#ifndef MADV_WIPEONFORK
#define MADV_WIPEONFORK 18
#endif

namespace vgpu::device {
namespace {

// In a page that the kernel hands to a child of fork filled with zeros (madvise(2), MADV_WIPEONFORK).
struct Page {
  bool alive;
  pid_t owner;  // 0: the kernel wipes the page; else the process that initialised
  Visible visible;
};

constinit std::atomic<Page*> shared_page = nullptr;

bool ours(const Page& page) { return page.alive && (page.owner == 0 || page.owner == getpid()); }

}  // namespace

Life life() {
  const Page* page = shared_page.load(std::memory_order_acquire);
  if (page == nullptr) return Life::fresh;
  return ours(*page) ? Life::ready : Life::forked;
}

Visible see_devices() {
  Visible seen = {};
  seen.count = visible_devices(system(), getenv("CUDA_VISIBLE_DEVICES"), seen.physical);
  return seen;
}

Life initialise(const Visible& seen) {
  if (const Life now = life(); now != Life::fresh) return now;
  const int saved = errno;
  void* memory = mmap(nullptr, sizeof(Page), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) return errno = saved, Life::fresh;
  auto* page = static_cast<Page*>(memory);
  page->owner = madvise(memory, sizeof(Page), MADV_WIPEONFORK) == 0 ? 0 : getpid();
  page->alive = true;
  page->visible = seen;
  Page* expected = nullptr;
  // Threads that race saw the same; one publishes, the others give theirs back.
  if (!shared_page.compare_exchange_strong(expected, page, std::memory_order_acq_rel)) munmap(memory, sizeof(Page));
  errno = saved;
  return life();
}

const Visible& visible() { return shared_page.load(std::memory_order_acquire)->visible; }

const Description& description(int device) { return system().devices[visible().physical[device]]; }

}  // namespace vgpu::device
