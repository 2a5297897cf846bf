#include "launcher/run/options.h"

#include <getopt.h>

#include <algorithm>
#include <string_view>

#include "launcher/plan/environment_list.h"
#include "launcher/plan/suggest.h"

namespace vgpu::run {
namespace {

using plan::Code;
using plan::Problem;
using plan::Problems;

constexpr std::string_view kTwins = "VGPU_RUN_";  // how every option's variable begins

// The order of kOptions.
enum Id {
  manifest,
  profile,
  with,
  without,
  emulate,
  passthrough,
  device,
  memory,
  new_session,
  quota,
  set,
  scope,
  argv0,
  allow_unshimmed,
  dry_run,
  format,
  explain,
  verbose,
  help,
  version
};

constexpr Option kOptions[] = {
    {"--manifest", 0, "FILE", "VGPU_RUN_MANIFEST", "exactly this manifest, instead of the default and manifest.d",
     false, "@file"},
    {"--profile", 0, "NAME", "VGPU_RUN_PROFILE", "this profile, instead of the one that matches the command", false,
     "@profile"},
    {"--with", 0, "SHIM", "VGPU_RUN_WITH", "add a shim, by name or role (repeatable, or a list: A,B)", true, "@shim"},
    {"--without", 0, "SHIM", "VGPU_RUN_WITHOUT", "leave a shim out (repeatable, or a list: A,B)", true, "@shim"},
    {"--emulate", 0, "DEVICE[:N]", "VGPU_RUN_EMULATE", "the emulated devices: a100:4, h100,l4, or a description's path",
     false, "@device"},
    {"--passthrough", 0, nullptr, "VGPU_RUN_PASSTHROUGH",
     "a slice of the real GPU (the default where there is a driver), else an error", false},
    {"--device", 0, "DEVICE", "VGPU_RUN_DEVICE", "of those there are only this one: its number or UUID (a list: 0,2)",
     false},
    {"--memory", 0, "SIZE", "VGPU_RUN_MEMORY",
     "the most that all processes together get of a device: 8GiB, 50% (a list: one each)", false},
    {"--new-session", 0, nullptr, "VGPU_RUN_NEW_SESSION",
     "share memory with nobody outside, also inside another vgpu-run", false},
    {"--quota", 0, "QUOTA", "VGPU_RUN_QUOTA",
     "where the session cannot be reached: required (no device) or best-effort", false, "required best-effort"},
    {"--set", 0, "NAME=VALUE", "VGPU_RUN_SET", "set a variable for the command (repeatable; twin: one a line)", true},
    {"--scope", 0, "SCOPE", "VGPU_RUN_SCOPE", "how far the shims reach: inherit, exec (default), namespace", false,
     "inherit exec namespace"},
    {"--argv0", 0, "NAME", nullptr, "what the command is told that it is called, instead of COMMAND", false},
    {"--allow-unshimmed", 0, nullptr, "VGPU_RUN_ALLOW_UNSHIMMED", "start the command even where shims would not load",
     false},
    {"--dry-run", 0, nullptr, "VGPU_RUN_DRY_RUN", "start nothing, print what would be started", false},
    {"--format", 0, "FORMAT", "VGPU_RUN_FORMAT", "of --dry-run: text (default), json, sh (the line to paste)", false,
     "text json sh"},
    {"--explain", 0, nullptr, "VGPU_RUN_EXPLAIN", "start nothing, print what would be started and why", false},
    {"--verbose", 'v', nullptr, "VGPU_RUN_VERBOSE", "print the explanation on stderr, then start", false},
    {"--help", 'h', nullptr, nullptr, "print this help", false},
    {"--version", 'V', nullptr, nullptr, "print the version", false},
};

Problem usage(std::string where, std::string cause, std::string fix) {
  return {
      .code = Code::usage, .where = std::move(where), .cause = std::move(cause), .fix = std::move(fix), .excerpt = {}};
}

bool is_one_of(std::string_view value, std::initializer_list<std::string_view> words) {
  return std::find(words.begin(), words.end(), value) != words.end();
}

class Parser {
 public:
  explicit Parser(const std::vector<std::string>& arguments) : arguments_(arguments) {}

  void read_environment(const std::vector<std::string>& entries) {
    const auto is_twin = [](const std::string& entry) { return entry.starts_with(kTwins); };
    if (std::none_of(entries.begin(), entries.end(), is_twin)) return;
    const plan::EnvironmentList environment(entries);
    for (int id = 0; id < static_cast<int>(std::size(kOptions)); ++id) {
      const Option& option = kOptions[id];
      const auto value = option.variable != nullptr ? environment.get(option.variable) : std::nullopt;
      if (!value || value->empty()) continue;  // empty is as good as unset: a unit file cannot unset
      const std::string where = option.variable;
      if (option.argument == nullptr) {
        apply_flag(id, where, *value);
      } else if (id == set) {
        apply_each(id, where, *value, '\n');
      } else if (option.list) {
        apply_each(id, where, *value, ',');
      } else {
        apply(id, where, std::string(*value));
      }
    }
  }

  void read_arguments() {
    std::vector<option> longs;
    std::string letters = "+:";
    for (int id = 0; id < static_cast<int>(std::size(kOptions)); ++id) {
      const Option& known = kOptions[id];
      longs.push_back(
          {known.name + 2, known.argument != nullptr ? required_argument : no_argument, nullptr, kFirst + id});
      if (known.letter != 0) letters += known.letter;
    }
    longs.push_back({nullptr, 0, nullptr, 0});
    std::vector<char*> argv;
    for (const std::string& argument : arguments_) argv.push_back(const_cast<char*>(argument.c_str()));
    argv.push_back(nullptr);
    opterr = 0;
    optind = 0;  // glibc: begin anew
    const int count = static_cast<int>(arguments_.size());
    for (int found; (found = getopt_long(count, argv.data(), letters.c_str(), longs.data(), nullptr)) != -1;) {
      if (found == '?' || found == ':') {
        misunderstood(found, argv[static_cast<std::size_t>(optind - 1)]);
        continue;
      }
      const int id = found >= kFirst ? found - kFirst : by_letter(found);
      if (kOptions[id].argument == nullptr) {
        apply_flag(id, kOptions[id].name, "1");
      } else if (kOptions[id].list && id != set && *optarg != '\0') {
        apply_each(id, kOptions[id].name, optarg, ',');
      } else {
        apply(id, kOptions[id].name, optarg);
      }
    }
    line_.request.command.assign(arguments_.begin() + std::min(optind, count), arguments_.end());
  }

  plan::Result<CommandLine> finish() {
    const bool shown = line_.dry_run || line_.explain || line_.help || line_.version;
    if (line_.request.command.empty() && !shown && problems_.empty()) {
      problems_.push_back(usage("command line", "there is no command to run",
                                "write vgpu-run [OPTIONS] [--] COMMAND [ARG...]; see --help"));
    }
    if (!line_.request.command.empty() && line_.request.command.front().empty()) {
      problems_.push_back(usage("command line", "the command is an empty word", "name the program to run"));
    }
    if (!problems_.empty()) return std::move(problems_);
    return std::move(line_);
  }

 private:
  static constexpr int kFirst = 256;  // behind every letter

  static int by_letter(int letter) {
    for (int id = 0; id < static_cast<int>(std::size(kOptions)); ++id) {
      if (kOptions[id].letter == letter) return id;
    }
    return help;
  }

  void misunderstood(int found, const std::string& word) {
    if (found == ':') {
      problems_.push_back(usage(word, "it wants a value", "write " + word + "=VALUE; see --help"));
      return;
    }
    const std::string name = word.substr(0, word.find('='));
    std::vector<std::string> known;
    for (const Option& each : kOptions) {
      known.emplace_back(each.name);
      if (name == each.name) {
        problems_.push_back(usage(name, "it takes no value", "write " + name));
        return;
      }
    }
    if (!word.starts_with("--")) {
      std::string letter(1, '-');
      letter += static_cast<char>(optopt);
      problems_.push_back(
          usage(letter, "there is no such option", "see --help; write -- in front of a command that begins with -"));
      return;
    }
    const std::string guess = plan::suggest(name, known);
    const auto is_abbreviation = [&](const std::string& each) { return each.starts_with(name); };
    const bool ambiguous = std::count_if(known.begin(), known.end(), is_abbreviation) > 1;
    problems_.push_back(usage(name, ambiguous ? "it is short for more than one option" : "there is no such option",
                              guess.empty() ? "see --help" : "did you mean " + guess + "?"));
  }

  void apply_flag(int id, const std::string& where, std::string_view value) {
    const bool on = is_one_of(value, {"1", "true", "yes", "on"});
    if (!on && !is_one_of(value, {"0", "false", "no", "off"})) {
      problems_.push_back(usage(where, "the value is neither yes nor no", "set it to 1 or 0"));
      return;
    }
    switch (id) {
      case allow_unshimmed: line_.request.allow_unshimmed = on; break;
      case passthrough: line_.request.passthrough = on; break;
      case new_session: line_.request.new_session = on; break;
      case dry_run: line_.dry_run = on; break;
      case explain: line_.explain = on; break;
      case verbose: line_.verbose = on; break;
      case help: line_.help = on; break;
      default: line_.version = on; break;
    }
  }

  void apply_each(int id, const std::string& where, std::string_view values, char separator) {
    for (std::size_t begin = 0; begin <= values.size();) {
      const std::size_t end = std::min(values.find(separator, begin), values.size());
      if (end > begin) apply(id, where, std::string(values.substr(begin, end - begin)));
      begin = end + 1;
    }
  }

  void apply(int id, const std::string& where, std::string value) {
    if (value.empty()) {
      problems_.push_back(usage(where, "its value is empty", std::string("give a ").append(kOptions[id].argument)));
      return;
    }
    switch (id) {
      case manifest: line_.request.manifest = std::move(value); break;
      case profile: line_.request.profile = std::move(value); break;
      case with: line_.request.with.push_back(std::move(value)); break;
      case without: line_.request.without.push_back(std::move(value)); break;
      case emulate: line_.request.emulate = std::move(value); break;
      case scope: line_.request.scope = std::move(value); break;
      case argv0: line_.request.argv0 = std::move(value); break;
      case device: line_.request.devices = std::move(value); break;
      case memory: line_.request.memory = std::move(value); break;
      case quota: line_.request.quota = std::move(value); break;
      case set: {
        const std::size_t equals = value.find('=');
        if (equals == std::string::npos || equals == 0) {
          problems_.push_back(usage(where, "'" + value + "' is not NAME=VALUE", "write --set NAME=VALUE"));
          return;
        }
        line_.request.set.emplace_back(value.substr(0, equals), value.substr(equals + 1));
        break;
      }
      default:
        if (value == "text")
          line_.format = Format::text;
        else if (value == "json")
          line_.format = Format::json;
        else if (value == "sh")
          line_.format = Format::sh;
        else
          problems_.push_back(usage(where, "there is no format '" + value + "'", "use text, json or sh"));
    }
  }

  const std::vector<std::string>& arguments_;
  CommandLine line_;
  Problems problems_;
};

}  // namespace

std::span<const Option> options() { return kOptions; }

plan::Result<CommandLine> parse_command_line(const std::vector<std::string>& arguments,
                                             const std::vector<std::string>& environment, bool trusted) {
  Parser parser(arguments);
  if (trusted) parser.read_environment(environment);
  parser.read_arguments();
  return parser.finish();
}

const Prose& prose() {
  static constexpr const char* kExamples[] = {
      "vgpu-run ollama serve",
      "vgpu-run --emulate a100:4 -- python3 train.py",
      "vgpu-run --explain -- ollama serve",
  };
  static constexpr Prose kProse = {
      .synopsis = "[OPTIONS] [--] COMMAND [ARG...]",
      .description =
          "Runs COMMAND, and every process it starts, on a virtual GPU: computes the preload order from the manifest,\n"
          "checks that every shim will load, and executes COMMAND in its own place.\n",
      .exit_status =
          "125 when vgpu-run itself fails, 126 when COMMAND cannot be executed, 127 when it is not found, else\n"
          "that of COMMAND. --dry-run and --explain end with 0 or with the status that the launch would fail with.\n",
      .examples = kExamples,
  };
  return kProse;
}

std::string help_text() {
  std::string text("usage: vgpu-run ");
  text.append(prose().synopsis).append("\n\n").append(prose().description);
  text.append("\nOptions, each with the variable that says the same:\n");
  for (const Option& option : kOptions) {
    std::string left("  ");
    if (option.letter != 0) left.append(1, '-').append(1, option.letter).append(", ");
    left.append(option.name);
    if (option.argument != nullptr) left.append(1, ' ').append(option.argument);
    if (option.variable != nullptr) {
      left.append(left.size() < 27 ? 27 - left.size() : 1, ' ').append(option.variable);
    }
    text.append(left).append("\n        ").append(option.help).append("\n");
  }
  text.append("\nExit status: ").append(prose().exit_status).append("\n");
  for (const char* example : prose().examples) text.append("  ").append(example).append("\n");
  return text;
}

}  // namespace vgpu::run
