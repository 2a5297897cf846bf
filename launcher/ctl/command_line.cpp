#include "launcher/ctl/command_line.h"

#include <CLI/CLI.hpp>
#include <algorithm>

#include "launcher/ctl/launch_options.h"
#include "launcher/plan/suggest.h"

namespace vgpu::ctl {
namespace {

using plan::Problem;

Problem usage(std::string cause, std::string fix) {
  return {.code = plan::Code::usage,
          .where = "command line",
          .cause = std::move(cause),
          .fix = std::move(fix),
          .excerpt = {}};
}

Problem unknown(const std::string& what, const std::string& word, const std::vector<std::string>& known,
                const std::string& help) {
  const std::string guess = plan::suggest(word, known);
  return usage("there is no " + what + " " + word, guess.empty() ? "see " + help : "did you mean " + guess + "?");
}

// CLI11 says what it could not parse; what was meant is ours to guess.
Problem explained(const CLI::ParseError& error, const CLI::App& app, const std::vector<std::string>& words) {
  const auto subs = app.get_subcommands({});
  if (!words.empty() && !words.front().starts_with('-')) {
    std::vector<std::string> known;
    for (const CLI::App* sub : subs) known.push_back(sub->get_name());
    if (std::find(known.begin(), known.end(), words.front()) == known.end()) {
      return unknown("subcommand", words.front(), known, "vgpuctl --help");
    }
  }
  const CLI::App* sub = &app;
  std::string help = "vgpuctl";
  std::ptrdiff_t depth = 0;
  while (!sub->get_subcommands().empty()) {
    sub = sub->get_subcommands().front();
    help += " " + sub->get_name();
    ++depth;
  }
  help += " --help";
  // Without a subcommand CLI11 only says that it wants one.
  const bool extra = dynamic_cast<const CLI::ExtrasError*>(&error) != nullptr;
  std::vector<std::string> left;
  if (extra) {
    left = app.remaining(true);
  } else if (!sub->get_subcommands({}).empty()) {
    left.assign(words.begin() + std::min(depth, static_cast<std::ptrdiff_t>(words.size())), words.end());
  }
  const auto option = std::find_if(left.begin(), left.end(), [](const std::string& w) { return w.starts_with('-'); });
  if (option != left.end()) {
    std::vector<std::string> known;
    for (const CLI::Option* each : sub->get_options()) {
      for (const std::string& name : each->get_lnames()) known.push_back("--" + name);
    }
    return unknown("option", option->substr(0, option->find('=')), known, help);
  }
  if (!left.empty() && !sub->get_subcommands({}).empty()) {
    std::vector<std::string> known;
    for (const CLI::App* verb : sub->get_subcommands({})) known.push_back(verb->get_name());
    return unknown("verb", left.front(), known, help);
  }
  if (!left.empty()) return usage("nothing is expected where " + left.front() + " stands", "see " + help);
  return usage(error.what(), "see " + help);
}

}  // namespace

Grammar::Grammar() : commands(ctl::commands()), app("Explains, checks and exports what vgpu-run does.", "vgpuctl") {
  app.set_version_flag("-V,--version", "vgpuctl " VGPU_VERSION);
  app.require_subcommand(1);
  app.footer("vgpuctl SUBCOMMAND --help tells more.");
  for (const auto& command : commands) {
    CLI::App* sub = app.add_subcommand(command->name(), command->summary());
    command->add_options(*sub);
    if (!command->is_about_a_launch()) continue;
    sub->add_option("COMMAND", operands,
                    "The command and its arguments; the first word that is no option");  // for --help
  }
}

plan::Result<std::variant<Shown, Chosen>> parse_command_line(std::vector<std::string> words) {
  Grammar grammar;
  CLI::App& app = grammar.app;
  std::vector<std::string>& operands = grammar.operands;
  const auto named = [&](const std::string& name) {
    return std::find_if(grammar.commands.begin(), grammar.commands.end(),
                        [&](const auto& one) { return one->name() == name; });
  };
  const auto meant = words.empty() ? grammar.commands.end() : named(words.front());
  if (meant != grammar.commands.end() && (*meant)->takes_a_command()) {
    const auto dashes = std::find(words.begin(), words.end(), "--");
    if (dashes != words.end()) operands.assign(dashes + 1, words.end());
    words.erase(dashes, words.end());
  }
  if (meant != grammar.commands.end() && (*meant)->is_about_a_launch()) {
    const std::vector<std::string> rest(words.begin() + 1, words.end());
    const std::size_t first = first_operand(rest);
    operands.assign(rest.begin() + static_cast<std::ptrdiff_t>(first), rest.end());
    if (!operands.empty() && operands.front() == "--") operands.erase(operands.begin());
    words.resize(first + 1);
  }
  try {
    app.parse(std::vector<std::string>(words.rbegin(), words.rend()));  // CLI11 takes them from the end
  } catch (const CLI::CallForHelp&) {
    return Shown{app.help()};  // the subcommand's, where one was named
  } catch (const CLI::CallForVersion& version) {
    return Shown{version.what() + std::string("\n")};
  } catch (const CLI::ParseError& error) {
    Problem problem = explained(error, app, words);
    const bool takes_one = meant != grammar.commands.end() && (*meant)->takes_a_command();
    if (takes_one && problem.cause.starts_with("nothing is expected where ")) {
      problem.fix = "write -- in front of a command, or see vgpuctl " + words.front() + " --help";
    }
    return plan::Problems{std::move(problem)};
  }
  const auto command = named(app.get_subcommands().front()->get_name());
  return Chosen{std::move(*command), std::move(operands)};
}

}  // namespace vgpu::ctl
