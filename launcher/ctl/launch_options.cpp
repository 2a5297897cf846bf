#include "launcher/ctl/launch_options.h"

#include <algorithm>
#include <string_view>

#include "launcher/run/options.h"

namespace vgpu::ctl {
namespace {

bool is_about_the_plan(std::string_view name) {
  for (const std::string_view one : {"--manifest", "--profile", "--with", "--without", "--emulate", "--passthrough",
                                     "--device", "--memory", "--new-session", "--quota", "--set", "--scope"}) {
    if (name == one) return true;
  }
  return false;
}

}  // namespace

void LaunchOptions::add_to(CLI::App& app) {
  for (const run::Option& option : run::options()) {
    if (!is_about_the_plan(option.name)) continue;
    std::string help = option.help;
    if (option.variable != nullptr) help.append(" [").append(option.variable).append("]");
    constexpr char kGroup[] = "Options of the launch, as vgpu-run takes them";
    if (option.argument == nullptr) {
      app.add_flag(option.name, flags_[option.name], help)->group(kGroup);
      continue;
    }
    CLI::Option* added = app.add_option(option.name, values_[option.name], help)->type_name(option.argument);
    added->expected(1)->allow_extra_args(false)->group(kGroup);
    if (option.list) {
      added->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
    } else {
      added->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
    }
  }
}

plan::Result<plan::Request> LaunchOptions::request(const os::Machine& machine,
                                                   const std::vector<std::string>& command) const {
  std::vector<std::string> words = this->words();
  words.insert(words.begin(), "vgpuctl");
  words.push_back("--dry-run");
  words.push_back("--");
  words.insert(words.end(), command.begin(), command.end());
  const plan::Result<run::CommandLine> line =
      run::parse_command_line(words, machine.environment(), !machine.credentials().secure);
  if (!line) return line.error();
  return line->request;
}

std::vector<std::string> LaunchOptions::words() const {
  std::vector<std::string> words;
  for (const auto& [name, given] : flags_) {
    if (given) words.push_back(name);
  }
  for (const auto& [name, values] : values_) {
    for (const std::string& value : values) {
      words.push_back(name);
      words.push_back(value);
    }
  }
  return words;
}

std::size_t first_operand(const std::vector<std::string>& arguments) {
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const std::string& word = arguments[i];
    if (!word.starts_with('-') || word == "-" || word == "--") return i;
    const auto options = run::options();
    if (std::any_of(options.begin(), options.end(),
                    [&](const run::Option& o) { return o.argument != nullptr && word == o.name; }))
      ++i;
  }
  return arguments.size();
}

}  // namespace vgpu::ctl
