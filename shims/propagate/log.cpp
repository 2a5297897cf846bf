#include "shims/propagate/raw.h"
#include "shims/propagate/state.h"

namespace vgpu::propagate {

void log(int level, const char* const* parts, size_t count) {
  if (level > state.log_level) return;
  char line[256];
  size_t size = 0;
  const auto append = [&](const char* part) {
    for (; *part != '\0' && size + 1 < sizeof line; ++part) {
      const auto byte = static_cast<unsigned char>(*part);
      line[size++] = byte < 0x20 || byte == 0x7f ? '?' : *part;
    }
  };
  append(kLibrary);
  append(": ");
  for (size_t i = 0; i < count; ++i) append(parts[i]);
  line[size++] = '\n';
  raw::call(SYS_write, 2, reinterpret_cast<long>(line), static_cast<long>(size));
}

}  // namespace vgpu::propagate
