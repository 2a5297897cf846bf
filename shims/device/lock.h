// The one lock of the emulated device.
//
// Discipline: it is a leaf. Nobody calls out of the library, copies memory, maps or unmaps pages or writes the log
// while holding it. A child of fork(2) never takes it: life() says `forked` there first (life.h), so a lock that
// another thread held at the time of the fork harms nobody.
#pragma once

#include <pthread.h>

namespace vgpu::device {

// pthread_mutex_lock has its old version node in libc.so.6 itself on every glibc; pthread_once has not (before 2.34 it
// is in libpthread.so.0), which is why nothing here uses it.
class Mutex {
 public:
  constexpr Mutex() = default;
  Mutex(const Mutex&) = delete;
  Mutex& operator=(const Mutex&) = delete;
  void lock() { pthread_mutex_lock(&mutex_); }
  void unlock() { pthread_mutex_unlock(&mutex_); }
  pthread_mutex_t* native() { return &mutex_; }  // for pthread_cond_wait

 private:
  pthread_mutex_t mutex_ = PTHREAD_MUTEX_INITIALIZER;
};

class Guard {
 public:
  explicit Guard(Mutex& mutex) : mutex_(mutex) { mutex_.lock(); }
  ~Guard() { mutex_.unlock(); }
  Guard(const Guard&) = delete;
  Guard& operator=(const Guard&) = delete;

 private:
  Mutex& mutex_;
};

// Guards the object table, the allocation registry and everything the objects hold.
extern Mutex global_lock;

}  // namespace vgpu::device
