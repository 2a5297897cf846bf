// vgpuctl: everything about a launch but the launch.
#include <CLI/CLI.hpp>
#include <algorithm>

#include "launcher/ctl/command.h"
#include "launcher/ctl/launch_options.h"
#include "launcher/ctl/print.h"
#include "launcher/os/real_machine.h"

using namespace vgpu;

int main(int argc, char** argv) {
  CLI::App app("Explains, checks and exports what vgpu-run does.", "vgpuctl");
  app.set_version_flag("-V,--version", "vgpuctl " VGPU_VERSION);
  app.require_subcommand(1);
  app.footer("vgpuctl SUBCOMMAND --help tells more.");
  std::vector<std::string> words(argv + 1, argv + argc);
  std::vector<std::string> operands;
  const auto commands = ctl::commands();
  for (const auto& command : commands) {
    CLI::App* sub = app.add_subcommand(command->name(), command->summary());
    command->add_options(*sub);
    if (!command->is_about_a_launch()) continue;
    sub->add_option("COMMAND", operands,
                    "The command and its arguments; the first word that is no option");  // for --help
    if (words.empty() || words.front() != command->name()) continue;
    const std::vector<std::string> rest(words.begin() + 1, words.end());
    const std::size_t first = ctl::first_operand(rest);
    operands.assign(rest.begin() + static_cast<std::ptrdiff_t>(first), rest.end());
    if (!operands.empty() && operands.front() == "--") operands.erase(operands.begin());
    words.resize(first + 1);
  }
  try {
    std::reverse(words.begin(), words.end());  // CLI11 takes them from the end
    app.parse(words);
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) return app.exit(error);  // --help, --version
    return static_cast<int>(
        ctl::fail_usage(error.what(), "see vgpuctl --help and vgpuctl SUBCOMMAND --help"));
  }
  const std::string chosen = app.get_subcommands().front()->get_name();
  const auto command =
      std::find_if(commands.begin(), commands.end(), [&](const auto& one) { return one->name() == chosen; });
  return static_cast<int>((*command)->run(os::RealMachine(), operands));
}
