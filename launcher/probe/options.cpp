#include "launcher/probe/options.h"

namespace vgpu::probe {
namespace {

constexpr Option kOptions[] = {
    {"--json", "the same as JSON"},
    {"--runner", "ask from a child that was started with an empty environment"},
    {"--help", "print this help"},
    {"--version", "print the version"},
};

constexpr Prose kProse = {
    .description =
        "Asks the CUDA driver, both CUDA runtimes and NVML which GPUs there are, through every door that a "
        "program can take:\n"
        "linked, dlopen by name, by development name and by absolute path, dlsym(RTLD_DEFAULT), "
        "cuGetProcAddress and\n"
        "cudaGetDriverEntryPoint. Prints what each answered, which file the answer came from, and whether "
        "they agree.\n",
    .exit_status = "0 all that answered agree on at least one GPU, 1 they do not or there is none, 2 wrong usage.\n",
};

}  // namespace

std::span<const Option> options() { return kOptions; }

const Prose& prose() { return kProse; }

std::string help_text() {
  std::string text("usage: vgpu-probe");
  for (const Option& option : kOptions) text.append(" [").append(option.name).append("]");
  text.append("\n\n").append(kProse.description).append("\n");
  for (const Option& option : kOptions) {
    std::string left("  ");
    left.append(option.name);
    left.append(left.size() < 13 ? 13 - left.size() : 1, ' ');
    text.append(left).append(option.help).append("\n");
  }
  return text.append("\nExit status: ").append(kProse.exit_status);
}

}  // namespace vgpu::probe
