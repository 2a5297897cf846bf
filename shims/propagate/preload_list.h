// The two lists that ld.so reads, put together anew for a child.
#pragma once

#include "shims/propagate/propagate.h"
#include "shims/propagate/text.h"

namespace vgpu::propagate {

// Takes a list down entry by entry: counts, compares with what the child has, and writes when it has somewhere to.
class ListWriter {
 public:
  explicit ListWriter(Text present, char* out = nullptr) : present_(present), out_(out) {}
  void entry(Text entry);
  size_t size() const { return size_; }
  bool same() const { return same_ && size_ == present_.size; }

 private:
  void put(char byte);

  Text present_;
  char* out_;
  size_t size_ = 0;
  bool started_ = false;
  bool same_ = true;
};

// LD_PRELOAD: what the plan placed in front, where the child has it still; the shims; what else the child has, in its
// order. Both ':' and ' ' separate, as for ld.so.
void compose_preload(ListWriter& out, Text present, Treatment treatment);

// LD_LIBRARY_PATH: the link directories, what the child has, and the directories that go last. Those the child has also
// put in a place of their own (Ollama puts its directories in front) stay there; the inherited run of them at the end
// moves behind what the child appended, whole, so that the next level finds it. Empty entries are the child's: they
// mean the current directory.
void compose_library_path(ListWriter& out, Text present);

}  // namespace vgpu::propagate
