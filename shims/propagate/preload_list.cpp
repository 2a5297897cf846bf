#include "shims/propagate/preload_list.h"

#include "shims/propagate/state.h"

namespace vgpu::propagate {
namespace {

// The shims that load without the C library they were linked to, for a child with another one.
bool needs_no_libc(Text library) {
  const Text name = base_name(library);
  return equal(name, text("libvgpu-exec.so")) || equal(name, text("libvgpu-syscall.so"));
}

bool is_ours(Text entry) { return index_in(state.preload, entry) >= 0 || equal(entry, state.preload_32); }

void wanted(ListWriter& out, Treatment treatment) {
  if (treatment == Treatment::hide) return;
  if (treatment == Treatment::class32) return out.entry(state.preload_32);
  each_entry(state.preload, ':', ':', [&](Text shim) {
    if (treatment != Treatment::musl || needs_no_libc(shim)) out.entry(shim);
    return true;
  });
}

// The inherited run of last directories: the last place where they stand in their order, the very last of them
// included.
struct Run {
  long from = -1, to = -1;  // numbers of entries that are no link directory
  bool holds(long number) const { return number >= from && number <= to && from >= 0; }
};

// entry(Text, number) for the directories that go last: each once, and none that is a link directory.
template <class Entry>
void each_last(Entry entry) {
  int number = 0;
  each_entry(state.library_path_last, ':', ':', [&](Text candidate) {
    const int own = number++;
    if (index_in(state.library_path_last, candidate) == own && index_in(state.library_path, candidate) < 0)
      entry(candidate, own);
    return true;
  });
}

// entry(Text, number) for what is no link directory.
template <class Entry>
void each_other(Text present, Entry entry) {
  long number = 0;
  each_entry(present, ':', ';', [&](Text candidate) {
    if (index_in(state.library_path, candidate) >= 0) return true;
    return entry(candidate, number++);
  });
}

Run inherited_run(Text present) {
  int last = -1;
  each_last([&](Text, int number) { last = number; });
  Run run;
  long from = -1;
  int previous = -1;
  each_other(present, [&](Text entry, long number) {
    const int index = index_in(state.library_path_last, entry);
    if (index < 0) {
      from = -1;
    } else if (from < 0 || index <= previous) {
      from = number;
    }
    previous = index;
    if (index >= 0 && index == last) run = {from, number};
    return true;
  });
  return run;
}

}  // namespace

void ListWriter::put(char byte) {
  if (size_ >= present_.size || present_.data[size_] != byte) same_ = false;
  if (out_ != nullptr) out_[size_] = byte;
  ++size_;
}

void ListWriter::entry(Text entry) {
  if (started_) put(':');
  started_ = true;
  for (size_t i = 0; i < entry.size; ++i) put(entry.data[i]);
}

void compose_preload(ListWriter& out, Text present, Treatment treatment) {
  const auto in_front = [](Text entry) { return index_in(state.preload_first, entry) >= 0; };
  if (!state.preload_first.empty()) {
    each_entry(present, ':', ' ', [&](Text entry) {
      if (!entry.empty() && in_front(entry) && !is_ours(entry)) out.entry(entry);
      return true;
    });
  }
  wanted(out, treatment);
  each_entry(present, ':', ' ', [&](Text entry) {
    if (!entry.empty() && !in_front(entry) && !is_ours(entry)) out.entry(entry);
    return true;
  });
}

void compose_library_path(ListWriter& out, Text present) {
  each_entry(state.library_path, ':', ':', [&](Text directory) { return out.entry(directory), true; });
  const Run run = inherited_run(present);
  each_other(present, [&](Text entry, long number) {
    if (!run.holds(number)) out.entry(entry);
    return true;
  });
  // Those that stand in a place of the child's own, too: their run at the end is how the next level knows that they do.
  each_last([&](Text directory, int) { out.entry(directory); });
}

}  // namespace vgpu::propagate
