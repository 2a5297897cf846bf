// Asks the manifest reader about files: one line for each, "valid PATH" or "invalid PATH". For manifest_corpus_test.py.
#include <cstdio>
#include <iterator>

#include "launcher/os/real_machine.h"
#include "launcher/plan/manifest_reader.h"

int main(int count, char** arguments) {
  const vgpu::os::RealMachine machine;
  for (int i = 1; i < count; ++i) {
    const auto text = machine.read(arguments[i], 2 << 20);
    if (!text) {
      std::fprintf(stderr, "cannot read %s\n", arguments[i]);
      return 2;
    }
    const auto manifest = vgpu::plan::read_manifest(*text, arguments[i]);
    std::printf("%s %s\n", manifest ? "valid" : "invalid", arguments[i]);
  }
  return 0;
}
