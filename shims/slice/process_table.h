// A table of this process alone, in pages that a child of fork gets filled with zeros: it has none of its parent's
// memory, and a lock that another thread held is free there.
#pragma once

#include <pthread.h>
#include <sys/mman.h>

#include <atomic>
#include <cstddef>

// Linux 4.14, glibc 2.26: absent from older headers.
#ifndef MADV_WIPEONFORK
#define MADV_WIPEONFORK 18
#endif

namespace vgpu::slice {

// Zeros; null where there is no memory.
inline void* process_pages(std::size_t bytes) {
  void* at = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (at == MAP_FAILED) return nullptr;
  madvise(at, bytes, MADV_WIPEONFORK);
  return at;
}

// The one that `shared` keeps, made by whoever comes first. A Table of zeros is an empty one.
template <class Table>
Table* process_table(std::atomic<Table*>& shared) {
  Table* known = shared.load(std::memory_order_acquire);
  if (known != nullptr) return known;
  void* made = process_pages(sizeof(Table));
  if (made == nullptr) return nullptr;
  if (shared.compare_exchange_strong(known, static_cast<Table*>(made), std::memory_order_acq_rel))
    return static_cast<Table*>(made);
  munmap(made, sizeof(Table));
  return known;
}

// Its member `mutex`, for a while. Zeros are an unlocked one.
template <class Table>
class Held {
 public:
  explicit Held(Table& table) : table_(table) { pthread_mutex_lock(&table_.mutex); }
  ~Held() { pthread_mutex_unlock(&table_.mutex); }
  Held(const Held&) = delete;
  Held& operator=(const Held&) = delete;

 private:
  Table& table_;
};

}  // namespace vgpu::slice
