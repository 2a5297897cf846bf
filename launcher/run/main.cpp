#include <unistd.h>

#include <exception>
#include <new>
#include <string>
#include <vector>

#include "launcher/plan/codes.h"
#include "launcher/run/run.h"

// launcher/os/elf.h, kLauncherSection: a vgpu-run that another vgpu-run starts.
[[gnu::used, gnu::retain, gnu::section(".vgpu.launcher")]] static const char kMarker[] = "vgpu-run";

// Errors are values here; what still throws is the library underneath, when memory ends.
int main(int count, char** arguments) {
  try {
    return vgpu::run::run(std::vector<std::string>(arguments, arguments + count));
  } catch (const std::bad_alloc&) {
    static constexpr char kText[] = "vgpu-run: internal: out of memory\n  see: vgpuctl doctor --explain internal\n";
    return write(STDERR_FILENO, kText, sizeof kText - 1) < 0 ? 125
                                                             : static_cast<int>(vgpu::plan::ExitStatus::own_failure);
  }
}
