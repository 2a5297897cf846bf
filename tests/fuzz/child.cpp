// Any bytes as the file of a child: libvgpu-exec's look at it, through every kind of descriptor the same.
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <string>

#include "shims/propagate/inspect.h"
#include "shims/propagate/state.h"

using namespace vgpu::propagate;

namespace vgpu::propagate {
const char kLibrary[] = "fuzz";
void note_instead(const Child&, Reason) {}
}  // namespace vgpu::propagate

namespace {

void require(bool promise) {
  if (!promise) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static char preload[] = "VGPU_PRELOAD=/s/libvgpu-exec.so";
  char* variables[] = {preload, nullptr};
  capture(variables, false);
  static const int file = memfd_create("child", MFD_CLOEXEC);
  static const std::string name = "/proc/self/fd/" + std::to_string(file);
  static const int by_path = open(name.c_str(), O_PATH | O_CLOEXEC);
  require(file >= 0 && by_path >= 0);
  require(ftruncate(file, static_cast<off_t>(size)) == 0);
  require(pwrite(file, data, size, 0) == static_cast<ssize_t>(size));

  Child child;
  child.path = "";
  child.directory = file;
  child.flags = AT_EMPTY_PATH;
  const Kind kind = inspect(child);
  require((kind.treatment == Treatment::inject) == (kind.reason == Reason::none));
  const std::string start(reinterpret_cast<const char*>(data), size < 4 ? size : 4);
  if (start != "\177ELF" && !start.starts_with("#!")) require(kind.treatment == Treatment::inject);

  child.directory = by_path;
  const Kind again = inspect(child);
  require(again.treatment == kind.treatment && again.reason == kind.reason);
  return 0;
}
