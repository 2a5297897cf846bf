#include "shims/device/default_stream.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>

#include <atomic>

#include "shims/device/life.h"
#include "shims/device/lock.h"
#include "shims/device/work.h"

// As pthread_create in work.cpp. Null where libc has no threads to give: then there is one, and it ends with the process.
#pragma weak pthread_key_create
#pragma weak pthread_key_delete
#pragma weak pthread_setspecific
#if defined(__x86_64__)
__asm__(".symver pthread_key_create, pthread_key_create@GLIBC_2.2.5");
__asm__(".symver pthread_key_delete, pthread_key_delete@GLIBC_2.2.5");
__asm__(".symver pthread_setspecific, pthread_setspecific@GLIBC_2.2.5");
#endif

namespace vgpu::device {
namespace {

// The streams of one thread, one for each context that it asked in. On the heap, because thread-local storage of a library
// that is opened late is scarce (context.cpp).
struct Streams {
  std::uint32_t count;
  std::uint32_t room;
  Handle handles[];
};

thread_local constinit Streams* own = nullptr;

Stream* find(Handle handle) { return handles.find<Stream>(Kind::stream, handle); }

void end(Handle handle) {
  const Stream* stream = find(handle);
  if (stream == nullptr) return;
  const Stream ended = *stream;
  {
    const Guard guard(global_lock);
    if (!handles.destroy(Kind::stream, handle)) return;  // its context ends at the same time
  }
  work::end_stream(ended);
}

void thread_ends(void* argument) {
  auto* streams = static_cast<Streams*>(argument);
  own = nullptr;
  // In a child of fork the locks may be held by threads that it does not have.
  for (std::uint32_t i = 0; life() == Life::ready && i < streams->count; ++i) end(streams->handles[i]);
  free(streams);
}

// Has thread_ends called, with what `own` is then.
void watch_this_thread() {
  static constinit std::atomic<std::uint64_t> shared = 0;  // the key, plus 1
  if (pthread_key_create == nullptr || pthread_setspecific == nullptr) return;
  std::uint64_t key = shared.load(std::memory_order_acquire);
  if (key == 0) {
    pthread_key_t made = 0;
    if (pthread_key_create(&made, thread_ends) != 0) return;
    if (shared.compare_exchange_strong(key, std::uint64_t{made} + 1, std::memory_order_acq_rel)) {
      key = std::uint64_t{made} + 1;
    } else {
      pthread_key_delete(made);
    }
  }
  pthread_setspecific(static_cast<pthread_key_t>(key - 1), own);
}

// Takes out what has ended with its context.
void forget_ended(Streams& streams) {
  std::uint32_t kept = 0;
  for (std::uint32_t i = 0; i < streams.count; ++i) {
    if (find(streams.handles[i]) != nullptr) streams.handles[kept++] = streams.handles[i];
  }
  streams.count = kept;
}

bool make_room() {
  if (own != nullptr) forget_ended(*own);
  if (own != nullptr && own->count < own->room) return true;
  const std::uint32_t room = own == nullptr ? 4 : own->room * 2;
  auto* streams = static_cast<Streams*>(realloc(own, sizeof(Streams) + room * sizeof(Handle)));
  if (streams == nullptr) return false;
  if (own == nullptr) streams->count = 0;
  streams->room = room;
  own = streams;
  watch_this_thread();
  return true;
}

}  // namespace

std::uint64_t next_stream_id() {
  static constinit std::uint64_t last = 0;
  return __atomic_add_fetch(&last, 1, __ATOMIC_RELAXED);
}

Handle make_default_stream(Handle context) {
  Handle handle = 0;
  auto* stream = handles.create<Stream>(Kind::stream, handle);
  if (stream == nullptr) return 0;
  stream->self = handle;
  stream->context = context;
  stream->id = next_stream_id();
  stream->is_default = true;
  handles.publish(handle);
  return handle;
}

Stream* thread_stream(const Context& context) {
  for (std::uint32_t i = 0; own != nullptr && i < own->count; ++i) {
    Stream* stream = find(own->handles[i]);
    if (stream != nullptr && stream->context == context.self) return stream;
  }
  const int saved = errno;
  const bool room = make_room();
  errno = saved;
  if (!room) return nullptr;
  const Guard guard(global_lock);
  const Handle handle = make_default_stream(context.self);
  if (handle == 0) return nullptr;
  own->handles[own->count++] = handle;
  return find(handle);
}

}  // namespace vgpu::device
