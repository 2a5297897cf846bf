// What streams have to do later. The emulated device does its work in the calling thread, as soon as it is asked; the
// one thing that cannot be done so is a host function of the program, which may wait for that very thread. So a host
// function (and a wait for a value in memory that is not there yet) runs in a thread of its own, and what is asked of
// its stream meanwhile waits in the stream's queue. The thread ends when the queue is empty: none outlives the
// program's own work.
//
// Where libc has no threads to give (a glibc before 2.34 in a program without libpthread) the calling thread does it
// all.
#pragma once

#include <cstdint>
#include <new>

#include "shims/device/context.h"
#include "shims/device/handles.h"
#include "shims/device/objects.h"

namespace vgpu::device::work {

enum class Outcome { done, out_of_memory };

inline constexpr unsigned kClosureSize = 192;

// `run` gets the closure and the queue it stood in (for given_up).
using Run = void (*)(void* closure, Handle queue);

// Whether anything is waiting in any queue. One load: the usual answer is no, and then there is nothing to order.
bool any();

// Appends to the queue of `stream`, behind `after` as well. `threaded`: never in this thread (unless there are no
// threads).
Outcome append(const Context& context, Stream& stream, Point after, bool threaded, Run run, const void* closure,
               unsigned size);

// Does `body` in the order of `stream`: at once when nothing is in front of it.
template <typename Body>
Outcome submit(const Context& context, Stream& stream, Body body, Point after = {}) {
  static_assert(sizeof(Body) <= kClosureSize && alignof(Body) <= 16 && __is_trivially_copyable(Body));
  if (!any()) {
    body();
    return Outcome::done;
  }
  return append(
      context, stream, after, false, [](void* closure, Handle) { (*static_cast<Body*>(closure))(); }, &body,
      sizeof body);
}

// The same in another thread, so that body(queue) may wait for this one.
template <typename Body>
Outcome submit_threaded(const Context& context, Stream& stream, Body body) {
  static_assert(sizeof(Body) <= kClosureSize && alignof(Body) <= 16 && __is_trivially_copyable(Body));
  return append(
      context, stream, {}, true, [](void* closure, Handle queue) { (*static_cast<Body*>(closure))(queue); }, &body,
      sizeof body);
}

Outcome append_behind_all(Context& context, Run run, const void* closure, unsigned size, Point& place);

// Does `body` when everything is done that the context was asked for so far, and tells the place of it: {0, 0} for at
// once.
template <typename Body>
Outcome submit_behind_all(Context& context, Body body, Point& place) {
  static_assert(sizeof(Body) <= kClosureSize && alignof(Body) <= 16 && __is_trivially_copyable(Body));
  place = {};
  if (!any()) {
    body();
    return Outcome::done;
  }
  return append_behind_all(
      context, [](void* closure, Handle) { (*static_cast<Body*>(closure))(); }, &body, sizeof body, place);
}

// Everything that the context is asked for from now on waits for `after`.
Outcome gate(Context& context, Point after);

// The place behind everything that `stream` was asked for so far.
Point last(const Stream& stream);

bool passed(Point point);
void wait(Point point);

// Everything that an operation on `stream` would have to wait for now: its own queue, and what the legacy default
// stream and the blocking streams of a context have to do with each other.
bool idle(const Context& context, const Stream& stream);
void wait(const Context& context, const Stream& stream);

// The same for what `stream` was asked for already: what the next operation has to wait for besides does not count.
bool done(const Context& context, const Stream& stream);
void wait_done(const Context& context, const Stream& stream);

// Everything of one context, and of all.
void wait_context(Handle context);
void wait_all();

// The stream ends; its queue does when it is empty.
void end_stream(const Stream& stream);

// The context ends: waits for what is queued, except that waits for values in memory are given up.
void end_context(Handle context);

// For an operation that polls: whether its context is ending.
bool given_up(Handle queue);

}  // namespace vgpu::device::work
