// The command line of vgpu-run and its twins in the environment.
#include "launcher/run/options.h"

#include <doctest/doctest.h>

using namespace vgpu;
using namespace vgpu::run;
using Strings = std::vector<std::string>;

namespace {

plan::Result<CommandLine> parse(Strings arguments, const Strings& environment = {}, bool trusted = true) {
  arguments.insert(arguments.begin(), "vgpu-run");
  return parse_command_line(arguments, environment, trusted);
}

CommandLine good(const Strings& arguments, const Strings& environment = {}) {
  const auto line = parse(arguments, environment);
  REQUIRE(line.has_value());
  return *line;
}

plan::Problem bad(const Strings& arguments, const Strings& environment = {}) {
  const auto line = parse(arguments, environment);
  REQUIRE(line.has_error());
  CHECK(line.error().at(0).code == plan::Code::usage);
  CHECK_FALSE(line.error().at(0).fix.empty());
  return line.error().at(0);
}

}  // namespace

TEST_CASE("the first operand ends the options; what follows is the command's, word for word") {
  CHECK(good({"prog", "--profile", "x", "-v", "--"}).request.command == Strings{"prog", "--profile", "x", "-v", "--"});
  CHECK(good({"--profile", "x", "--", "--help"}).request.command == Strings{"--help"});
  CHECK(good({"--profile=x", "prog"}).request.profile == "x");
  CHECK(good({"-v", "prog"}).verbose);
}

TEST_CASE("every option") {
  const CommandLine line = good({"--manifest", "m",        "--profile",   "p",         "--with",  "a,b",
                                 "--with",     "c",        "--without=d", "--emulate", "a100:2",  "--set",
                                 "K=V=W",      "--set",    "L=",          "--scope",   "inherit", "--allow-unshimmed",
                                 "--dry-run",  "--format", "sh",          "--explain", "prog"});
  CHECK(line.request.manifest == "m");
  CHECK(line.request.profile == "p");
  CHECK(line.request.with == Strings{"a", "b", "c"});
  CHECK(line.request.without == Strings{"d"});
  CHECK(line.request.emulate == "a100:2");
  CHECK(line.request.set == std::vector<std::pair<std::string, std::string>>{{"K", "V=W"}, {"L", ""}});
  CHECK(line.request.scope == "inherit");
  CHECK(line.request.allow_unshimmed);
  CHECK(line.dry_run);
  CHECK(line.explain);
  CHECK(line.format == Format::sh);
}

TEST_CASE("each option has a twin in the environment; the command line goes before it, lists add up") {
  const Strings environment{"VGPU_RUN_MANIFEST=m",  "VGPU_RUN_PROFILE=p",           "VGPU_RUN_WITH=a,b",
                            "VGPU_RUN_WITHOUT=c",   "VGPU_RUN_EMULATE=l4",          "VGPU_RUN_SET=K=a b\nL=c,d",
                            "VGPU_RUN_SCOPE=exec",  "VGPU_RUN_ALLOW_UNSHIMMED=yes", "VGPU_RUN_DRY_RUN=1",
                            "VGPU_RUN_FORMAT=json", "VGPU_RUN_EXPLAIN=0",           "VGPU_RUN_VERBOSE=true"};
  const CommandLine line = good({"--profile", "q", "--with", "z", "prog"}, environment);
  CHECK(line.request.manifest == "m");
  CHECK(line.request.profile == "q");
  CHECK(line.request.with == Strings{"a", "b", "z"});
  CHECK(line.request.without == Strings{"c"});
  CHECK(line.request.emulate == "l4");
  CHECK(line.request.set == std::vector<std::pair<std::string, std::string>>{{"K", "a b"}, {"L", "c,d"}});
  CHECK(line.request.scope == "exec");
  CHECK(line.request.allow_unshimmed);
  CHECK(line.dry_run);
  CHECK_FALSE(line.explain);
  CHECK(line.verbose);
  CHECK(line.format == Format::json);
  for (const Option& option : options()) {
    const std::string name = option.name;
    // A name is for one command: a variable would give it to every launch below as well.
    CHECK((option.variable != nullptr || name == "--help" || name == "--version" || name == "--argv0"));
    CHECK(help_text().find(name) != std::string::npos);
  }
  CHECK(good({"prog"}, {"VGPU_RUN_PROFILE="}).request.profile.empty());
}

TEST_CASE("under AT_SECURE the environment has no say") {
  const auto line = parse({"prog"}, {"VGPU_RUN_MANIFEST=/tmp/evil.json", "VGPU_RUN_DRY_RUN=1"}, false);
  REQUIRE(line.has_value());
  CHECK(line->request.manifest.empty());
  CHECK_FALSE(line->dry_run);
}

TEST_CASE("what is wrong is said, with what to do") {
  CHECK(bad({}).cause == "there is no command to run");
  CHECK(bad({""}).cause == "the command is an empty word");
  CHECK(bad({"--profil", "x", "--nonsense", "prog"}).where == "--nonsense");
  CHECK(bad({"--porfile=x", "prog"}).fix == "did you mean --profile?");
  CHECK(bad({"--e", "prog"}).cause == "it is short for more than one option");
  CHECK(bad({"-x", "prog"}).where == "-x");
  CHECK(bad({"--manifest"}).cause == "it wants a value");
  CHECK(bad({"--manifest=", "prog"}).cause == "its value is empty");
  CHECK(bad({"--dry-run=yes", "prog"}).cause == "it takes no value");
  CHECK(bad({"--set", "K", "prog"}).cause == "'K' is not NAME=VALUE");
  CHECK(bad({"--set", "=V", "prog"}).where == "--set");
  CHECK(bad({"--format", "xml", "prog"}).cause == "there is no format 'xml'");
  CHECK(bad({"prog"}, {"VGPU_RUN_DRY_RUN=maybe"}).where == "VGPU_RUN_DRY_RUN");
  CHECK(bad({"prog"}, {"VGPU_RUN_SET=nothing"}).where == "VGPU_RUN_SET");
}

TEST_CASE("help, version and plans need no command") {
  CHECK(good({"--help"}).help);
  CHECK(good({"-h"}).help);
  CHECK(good({"--version"}).version);
  CHECK(good({"--explain"}).request.command.empty());
  CHECK(good({"--dry-run"}).request.command.empty());
}
