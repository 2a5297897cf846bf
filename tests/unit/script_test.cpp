#include "launcher/plan/script.h"

#include <doctest/doctest.h>

using vgpu::plan::EnvCommand;
using vgpu::plan::parse_env;
using vgpu::plan::parse_shebang;

TEST_CASE("a first line is interpreter and one argument") {
  CHECK(parse_shebang("#!/bin/sh\n")->interpreter == "/bin/sh");
  CHECK(parse_shebang("#!/bin/sh\n")->argument.empty());
  const auto line = parse_shebang("#! \t/usr/bin/env \t python3 -u  \t\nbody");
  REQUIRE(line);
  CHECK(line->interpreter == "/usr/bin/env");
  CHECK(line->argument == "python3 -u");
}

TEST_CASE("a carriage return belongs to the interpreter's name") {
  CHECK(parse_shebang("#!/bin/sh\r\n")->interpreter == "/bin/sh\r");
}

TEST_CASE("a file may end without a newline") {
  CHECK(parse_shebang("#!/bin/sh")->interpreter == "/bin/sh");
  CHECK(parse_shebang("#!/bin/sh -e")->argument == "-e");
}

TEST_CASE("no interpreter is no script") {
  CHECK_FALSE(parse_shebang(""));
  CHECK_FALSE(parse_shebang("#"));
  CHECK_FALSE(parse_shebang("echo"));
  CHECK_FALSE(parse_shebang("#!"));
  CHECK_FALSE(parse_shebang("#!\n/bin/sh\n"));
  CHECK_FALSE(parse_shebang("#!  \t \n"));
  CHECK_FALSE(parse_shebang(" #!/bin/sh\n"));
  CHECK_FALSE(parse_shebang("#!" + std::string(300, ' ')));
}

TEST_CASE("a name beyond the kernel's buffer is no script, an argument beyond it is cut") {
  CHECK_FALSE(parse_shebang("#!/" + std::string(300, 'x') + "\n"));
  CHECK(parse_shebang("#!/" + std::string(250, 'x') + "\n")->interpreter.size() == 251);
  const auto line = parse_shebang("#!/bin/sh " + std::string(300, 'a') + "\n");
  REQUIRE(line);
  CHECK(line->argument == std::string(255 - 10, 'a'));
}

namespace {
EnvCommand env(const std::vector<std::string>& arguments) { return parse_env(arguments, {"HOME=/root", "EMPTY="}); }
}  // namespace

TEST_CASE("env's command stands behind its options and assignments") {
  CHECK(env({"python3", "/s"}).command == "python3");
  CHECK(env({"python3", "/s"}).operands == std::vector<std::string>{"/s"});
  CHECK(env({"-u", "HOME", "A=1", "B=2", "prog", "C=3"}).command == "prog");
  CHECK(env({"-uHOME", "--unset=X", "--unset", "Y", "-i", "-0", "-v", "--", "A=b", "prog"}).command == "prog");
  CHECK(env({"-C", "/tmp", "prog"}).directory == "/tmp");
  CHECK(env({"--chdir=/x", "prog"}).directory == "/x");
  CHECK(env({"-", "prog"}).command == "prog");
  CHECK(env({"A=1"}).command.empty());
}

TEST_CASE("env searches the PATH that it sets") {
  CHECK_FALSE(env({"prog"}).path);
  CHECK_FALSE(env({"prog"}).path_unset);
  CHECK(*env({"PATH=/x", "prog"}).path == "/x");
  CHECK(env({"-u", "PATH", "prog"}).path_unset);
  CHECK(env({"-i", "prog"}).path_unset);
  CHECK(*env({"-i", "PATH=/y", "prog"}).path == "/y");
  CHECK_FALSE(env({"-i", "PATH=/y", "prog"}).path_unset);
}

TEST_CASE("-S splits as env(1) documents it") {
  CHECK(env({"-S python3 -u", "/s"}).command == "python3");
  CHECK(env({"-S python3 -u", "/s"}).operands == std::vector<std::string>{"-u", "/s"});
  CHECK(env({"-SA=1 prog"}).command == "prog");
  CHECK(env({"-vS prog"}).command == "prog");
  CHECK(env({"-iS PATH=/z prog"}).path == "/z");
  CHECK(env({"--split-string=-u X prog a"}).operands == std::vector<std::string>{"a"});
  CHECK(env({"-S 'a b' \"c\\_d\" e\\_f \"\" # rest"}).command == "a b");
  CHECK(env({"-S p \"c\\_d\" e\\_f \"\" x#y # rest"}).operands == std::vector<std::string>{"c d", "e", "f", "", "x#y"});
  CHECK(env({"-S ${HOME}/bin/x ${NOPE} 'it\\'s' \"\\$\\\"\" t\\tt"}).command == "/root/bin/x");
  CHECK(env({"-S p ${NOPE} 'it\\'s' \"\\$\\\"\" t\\tt end\\c more"}).operands ==
        std::vector<std::string>{"it's", "$\"", "t\tt", "end"});
}

TEST_CASE("what env refuses is an error") {
  CHECK_FALSE(env({"-S 'open"}).error.empty());
  CHECK_FALSE(env({"-S $HOME"}).error.empty());
  CHECK_FALSE(env({"-S a\\q"}).error.empty());
  CHECK_FALSE(env({"-S a\\"}).error.empty());
  CHECK_FALSE(env({"-i PATH=/x"}).error.empty());  // a "#!" line without -S
  CHECK_FALSE(env({"--nonsense"}).error.empty());
  CHECK_FALSE(env({"-u"}).error.empty());
  std::string nested = "-S";
  for (int i = 0; i < 5; ++i) nested += " -S";
  CHECK(env({nested + " prog"}).command == "prog");
  for (int i = 0; i < 200; ++i) nested += " -S";
  CHECK_FALSE(env({nested + " prog"}).error.empty());
}
