#include "shims/device/work.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include <atomic>

#include "shims/device/lock.h"

// glibc 2.34 moved it from libpthread.so.0 into libc.so.6 and kept its old version node there, as with dlsym. Null
// where neither is loaded.
#pragma weak pthread_create
#if defined(__x86_64__) && !defined(__SANITIZE_ADDRESS__)  // which wants to know of threads
__asm__(".symver pthread_create, pthread_create@GLIBC_2.2.5");
#endif

namespace vgpu::device::work {
namespace {

struct Operation {
  Operation* next;
  Run run;
  unsigned points;
  Point* after;  // behind the operation itself
  alignas(16) unsigned char closure[kClosureSize];
};

// In the handle table, so that a place in it is told from one in a queue that has ended. Guarded by `lock`.
struct Queue {
  Handle context;
  bool blocking;  // ordered with the legacy default stream
  bool legacy;    // is that stream
  bool gate;      // everything else in the context waits for it
  bool orphaned;  // its stream has ended
  bool given_up;
  bool running;  // a thread works on it
  std::uint64_t submitted;
  std::uint64_t completed;
  Operation* first;
  Operation** end;
};

// Taken before global_lock where both are needed. No queue ends without it, so what is found under it stays.
constinit Mutex lock;
constinit pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
constinit std::atomic<std::uint32_t> busy = 0;  // queues that are not empty

Queue* find(Handle handle) { return handles.find<Queue>(Kind::queue, handle); }

void wait_for_change() { pthread_cond_wait(&changed, lock.native()); }

// The caller holds `lock`.
bool passed_locked(Point point) {
  const Queue* queue = point.queue == 0 ? nullptr : find(point.queue);
  return queue == nullptr || queue->completed >= point.number;
}

void wait_locked(Point point) {
  while (!passed_locked(point)) wait_for_change();
}

bool non_blocking(const Stream& stream) { return (stream.flags & 1) != 0; }

bool legacy(const Context& context, const Stream& stream) { return stream.self == context.default_stream; }

// The queue behind `place`, made like `wanted` where there is none.
Queue* queue_at(Handle& place, const Queue& wanted) {
  if (Queue* queue = find(__atomic_load_n(&place, __ATOMIC_ACQUIRE))) return queue;
  const Guard guard(global_lock);
  if (Queue* queue = find(place)) return queue;
  Handle handle = 0;
  auto* queue = handles.create<Queue>(Kind::queue, handle);
  if (queue == nullptr) return nullptr;
  *queue = wanted;
  queue->end = &queue->first;
  handles.publish(handle);
  __atomic_store_n(&place, handle, __ATOMIC_RELEASE);
  return queue;
}

Queue* queue_of(const Context& context, Stream& stream) {
  Queue wanted = {};
  wanted.context = stream.context;
  wanted.blocking = !non_blocking(stream);
  wanted.legacy = legacy(context, stream);
  return queue_at(stream.queue, wanted);
}

// Before an operation that the stream is asked for now, or before the end of those that it was asked for already. To the
// latter belong, of the legacy default stream, what the blocking streams do, but not the other way round: so a real driver
// answers cuStreamQuery and cuStreamSynchronize (580.159.04).
enum class Before { next, end };

// Calls visit(place) for each queue that is to come first and that has something to do. The caller holds `lock`.
template <typename Visit>
void each_before(const Context& context, const Stream& stream, Before before, Visit visit) {
  const bool is_legacy = legacy(context, stream);
  const bool after_legacy = !non_blocking(stream) && before == Before::next;
  handles.each<Queue>(Kind::queue, [&](Handle handle, const Queue& queue) {
    if (queue.context != stream.context || queue.completed == queue.submitted) return;
    const bool own = handle == stream.queue;
    const bool ordered = is_legacy ? queue.blocking : after_legacy && queue.legacy;
    if (own || ordered || (queue.gate && before == Before::next)) visit(Point{handle, queue.submitted});
  });
}

// An operation with room for its points.
Operation* make_operation(unsigned points, Run run, const void* closure, unsigned size) {
  auto* operation = static_cast<Operation*>(malloc(sizeof(Operation) + points * sizeof(Point)));
  if (operation == nullptr) return nullptr;
  operation->next = nullptr;
  operation->run = run;
  operation->points = 0;
  operation->after = reinterpret_cast<Point*>(operation + 1);
  if (size != 0) memcpy(operation->closure, closure, size);
  return operation;
}

// Does what is queued until nothing is left. The caller holds `lock`, and does so again afterwards.
void drain(Queue& queue, Handle handle) {
  while (Operation* operation = queue.first) {
    for (unsigned i = 0; i < operation->points; ++i) wait_locked(operation->after[i]);
    lock.unlock();
    operation->run(operation->closure, handle);
    lock.lock();
    queue.first = operation->next;
    if (queue.first == nullptr) {
      queue.end = &queue.first;
      busy.fetch_sub(1, std::memory_order_release);
    }
    ++queue.completed;
    free(operation);
    pthread_cond_broadcast(&changed);
  }
}

// The caller holds `lock`.
void end_if_orphaned(Handle handle) {
  const Queue* queue = find(handle);
  if (queue == nullptr || !queue->orphaned || queue->running || queue->first != nullptr) return;
  const Guard guard(global_lock);
  handles.destroy(Kind::queue, handle);
}

void* work_off(void* argument) {
  const auto handle = reinterpret_cast<Handle>(argument);
  lock.lock();
  Queue& queue = *find(handle);
  drain(queue, handle);
  queue.running = false;
  pthread_cond_broadcast(&changed);
  end_if_orphaned(handle);
  lock.unlock();
  return nullptr;
}

bool start_thread(Handle handle) {
  if (pthread_create == nullptr) return false;
  pthread_attr_t attributes;
  if (pthread_attr_init(&attributes) != 0) return false;
  pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
  pthread_t thread = {};
  const int failure = pthread_create(&thread, &attributes, work_off, reinterpret_cast<void*>(handle));
  pthread_attr_destroy(&attributes);
  return failure == 0;
}

// Appends behind `after` and behind what each(visit) visits, or does it at once when all that is done. `place` gets the
// place behind it, unless it is null.
template <typename Each>
Outcome enqueue(Queue& queue, Handle handle, Point after, bool threaded, Run run, const void* closure, unsigned size,
                Point* place, Each each) {
  const int saved = errno;
  lock.lock();
  unsigned points = after.queue != 0 && !passed_locked(after) ? 1 : 0;
  each([&](Point) { ++points; });
  if (points == 0 && !threaded) {
    lock.unlock();
    run(const_cast<void*>(closure), handle);
    return Outcome::done;
  }
  Operation* operation = make_operation(points, run, closure, size);
  if (operation == nullptr) return lock.unlock(), Outcome::out_of_memory;
  if (after.queue != 0 && !passed_locked(after)) operation->after[operation->points++] = after;
  each([&](Point point) {
    // Its own queue is in order anyway, and would wait for this very operation's predecessors only.
    if (point.queue != handle && operation->points < points) operation->after[operation->points++] = point;
  });
  if (queue.first == nullptr) busy.fetch_add(1, std::memory_order_release);
  *queue.end = operation;
  queue.end = &operation->next;
  ++queue.submitted;
  if (place != nullptr) *place = {handle, queue.submitted};
  if (!queue.running) {
    queue.running = true;
    if (!start_thread(handle)) {
      drain(queue, handle);
      queue.running = false;
      pthread_cond_broadcast(&changed);
    }
  }
  lock.unlock();
  errno = saved;
  return Outcome::done;
}

}  // namespace

bool any() { return busy.load(std::memory_order_acquire) != 0; }

Outcome append(const Context& context, Stream& stream, Point after, bool threaded, Run run, const void* closure,
               unsigned size) {
  Queue* queue = queue_of(context, stream);
  if (queue == nullptr) return Outcome::out_of_memory;
  return enqueue(*queue, stream.queue, after, threaded, run, closure, size, nullptr,
                 [&](auto visit) { each_before(context, stream, Before::next, visit); });
}

Outcome append_behind_all(Context& context, Run run, const void* closure, unsigned size, Point& place) {
  Queue wanted = {};
  wanted.context = context.self;
  Queue* queue = queue_at(context.record_queue, wanted);
  if (queue == nullptr) return Outcome::out_of_memory;
  return enqueue(*queue, context.record_queue, {}, false, run, closure, size, &place, [&](auto visit) {
    handles.each<Queue>(Kind::queue, [&](Handle handle, const Queue& one) {
      if (one.context == context.self && one.completed != one.submitted) visit(Point{handle, one.submitted});
    });
  });
}

Outcome gate(Context& context, Point after) {
  if (passed(after)) return Outcome::done;
  Queue wanted = {};
  wanted.context = context.self;
  wanted.gate = true;
  Queue* queue = queue_at(context.gate_queue, wanted);
  if (queue == nullptr) return Outcome::out_of_memory;
  return enqueue(
      *queue, context.gate_queue, after, false, [](void*, Handle) {}, nullptr, 0, nullptr, [](auto) {});
}

Point last(const Stream& stream) {
  if (!any()) return {};
  const Handle handle = __atomic_load_n(&stream.queue, __ATOMIC_ACQUIRE);
  const Guard guard(lock);
  const Queue* queue = find(handle);
  return queue == nullptr ? Point{} : Point{handle, queue->submitted};
}

bool passed(Point point) {
  if (point.queue == 0) return true;
  const Guard guard(lock);
  return passed_locked(point);
}

void wait(Point point) {
  if (point.queue == 0) return;
  const Guard guard(lock);
  wait_locked(point);
}

namespace {

bool nothing_before(const Context& context, const Stream& stream, Before before) {
  if (!any()) return true;
  bool found = false;
  const Guard guard(lock);
  each_before(context, stream, before, [&](Point) { found = true; });
  return !found;
}

void wait_before(const Context& context, const Stream& stream, Before before) {
  while (any()) {
    const Guard guard(lock);
    Point first = {};
    each_before(context, stream, before, [&](Point point) { first = point; });
    if (first.queue == 0) return;
    wait_locked(first);
  }
}

}  // namespace

bool idle(const Context& context, const Stream& stream) { return nothing_before(context, stream, Before::next); }
void wait(const Context& context, const Stream& stream) { wait_before(context, stream, Before::next); }

bool done(const Context& context, const Stream& stream) { return nothing_before(context, stream, Before::end); }
void wait_done(const Context& context, const Stream& stream) { wait_before(context, stream, Before::end); }

namespace {

// Waits until no queue that `matches` has anything left.
template <typename Matches>
void wait_each(Matches matches) {
  while (any()) {
    const Guard guard(lock);
    Point first = {};
    handles.each<Queue>(Kind::queue, [&](Handle handle, const Queue& queue) {
      if (queue.completed != queue.submitted && matches(queue)) first = {handle, queue.submitted};
    });
    if (first.queue == 0) return;
    wait_locked(first);
  }
}

}  // namespace

void wait_context(Handle context) {
  wait_each([context](const Queue& queue) { return queue.context == context; });
}

void wait_all() {
  wait_each([](const Queue&) { return true; });
}

void end_stream(const Stream& stream) {
  const Guard guard(lock);
  Queue* queue = find(stream.queue);
  if (queue == nullptr) return;
  queue->orphaned = true;
  end_if_orphaned(stream.queue);
}

void end_context(Handle context) {
  {
    const Guard guard(lock);
    handles.each<Queue>(Kind::queue, [&](Handle handle, Queue& queue) {
      if (queue.context != context) return;
      queue.given_up = queue.orphaned = true;
      end_if_orphaned(handle);
    });
  }
  wait_context(context);
}

bool given_up(Handle handle) {
  const Guard guard(lock);
  const Queue* queue = find(handle);
  return queue == nullptr || queue->given_up;
}

}  // namespace vgpu::device::work
