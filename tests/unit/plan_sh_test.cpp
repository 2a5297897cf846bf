// The line is given to real shells, and what the command then has is compared byte for byte. The command is this
// program, under many names.
#include "launcher/plan/plan_sh.h"

#include <doctest/doctest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "launcher/plan/characters.h"
#include "tests/unit/plan_sample.h"

using namespace vgpu::plan;

namespace {

using Strings = std::vector<std::string>;

// What a program was started with: everything, 0-terminated, argv and environment apart.
constexpr char kReport[] = "VGPU_TEST_REPORT";

// Before main: in the child this program is the command, not a test.
[[gnu::constructor]] void report() {
  const char* path = std::getenv(kReport);
  if (path == nullptr) return;
  std::ofstream into(path, std::ios::binary);
  for (const char* file : {"/proc/self/cmdline", "/proc/self/environ"}) {
    std::ifstream from(file, std::ios::binary);
    std::ostringstream content;
    content << from.rdbuf();
    into << content.str() << '\0';                               // an empty string: the end of the list
    if (file == std::string("/proc/self/cmdline")) into << "=";  // and a mark, should an argument be empty
  }
  into.close();
  _exit(0);
}

struct Started {
  Strings arguments;
  Strings environment;
};

class Scratch {
 public:
  Scratch() {
    char name[] = "/tmp/plan_sh_test.XXXXXX";
    REQUIRE(mkdtemp(name) != nullptr);
    directory_ = name;
  }
  ~Scratch() { std::filesystem::remove_all(directory_); }
  std::string path(const std::string& name) const { return directory_ + "/" + name; }

 private:
  std::string directory_;
};

// Runs `line` in `shell` with exactly this environment and says what the command was started with.
Started run(const Scratch& scratch, const std::string& shell, const std::string& line, Strings environment) {
  const std::string script = scratch.path("line");
  const std::string result = scratch.path("report");
  std::ofstream(script, std::ios::binary) << line;
  std::filesystem::remove(result);
  environment.push_back(kReport + ("=" + result));
  // The shell itself must not report: it is another program. `env` and `nice` neither.
  const pid_t child = fork();
  if (child == 0) {
    std::vector<char*> envp;
    for (std::string& entry : environment) envp.push_back(entry.data());
    envp.push_back(nullptr);
    const char* argv[] = {shell.c_str(), script.c_str(), nullptr};
    execve(shell.c_str(), const_cast<char**>(argv), envp.data());
    _exit(127);
  }
  int status = 0;
  waitpid(child, &status, 0);
  CHECK_MESSAGE(status == 0, line);

  std::ostringstream content;
  content << std::ifstream(result, std::ios::binary).rdbuf();
  const std::string text = content.str();
  Started started;
  // cmdline, an empty string, "=", environ, an empty string. An argument may be empty too, so the mark is searched.
  const std::size_t middle = text.rfind(std::string("\0\0=", 3));
  REQUIRE(middle != std::string::npos);
  const auto split = [](std::string_view list) {
    Strings strings;
    for (std::size_t at = 0; at < list.size();) {
      const std::size_t end = std::min(list.find('\0', at), list.size());
      strings.emplace_back(list.substr(at, end - at));
      at = end + 1;
    }
    return strings;
  };
  started.arguments = split(std::string_view(text).substr(0, middle + 1));
  started.environment = split(std::string_view(text).substr(middle + 3));
  if (!started.environment.empty() && started.environment.back().empty()) started.environment.pop_back();
  return started;
}

std::string own_path() { return std::filesystem::read_symlink("/proc/self/exe").string(); }

// What the shell adds to an environment by itself; zsh also the user.
Strings without_shells_own(Strings environment) {
  std::erase_if(environment, [](const std::string& entry) {
    for (const char* own : {"PWD=", "OLDPWD=", "SHLVL=", "_=", "HOME=", "LOGNAME=", "VGPU_TEST_REPORT="}) {
      if (entry.starts_with(own)) return true;
    }
    return false;
  });
  std::sort(environment.begin(), environment.end());
  return environment;
}

Strings shells() {
  Strings found;
  for (const char* shell : {"/bin/dash", "/bin/bash", "/bin/sh", "/usr/bin/zsh", "/bin/ksh"}) {
    if (access(shell, X_OK) == 0) found.emplace_back(shell);
  }
  return found;
}

// Both shells, the plan's environment upon `start`.
void check_runs(const Scratch& scratch, const Plan& plan, const Strings& start) {
  const std::string line = to_sh(plan);
  for (std::size_t at = 0; at < line.size();) {  // it can be pasted
    const Character character = character_at(line, at);
    CHECK((character.printable || line[at] == '\n'));
    at += character.bytes;
  }
  Strings expected = start;
  const auto remove = [&](const std::string& name) {
    std::erase_if(expected, [&](const std::string& entry) { return entry.starts_with(name + "="); });
  };
  for (const std::string& name : plan.unset) remove(name);
  for (const Variable& variable : plan.environment) {
    remove(variable.name);
    expected.push_back(variable.name + "=" + variable.value);
  }
  const Strings all = shells();
  REQUIRE(all.size() >= 2);
  for (const std::string& shell : all) {
    INFO(shell);
    const Started started = run(scratch, shell, line, start);
    CHECK(started.arguments == plan.request.command);
    CHECK(without_shells_own(started.environment) == without_shells_own(expected));
  }
}

const Strings kStart = {"PATH=/usr/bin:/bin", "HOME=/root", "OLD=1", "KEPT=a b"};

std::string every_byte() {
  std::string every;
  for (int byte = 1; byte < 256; ++byte) every += static_cast<char>(byte);
  return every;
}

}  // namespace

TEST_CASE("a plain word is not quoted") {
  CHECK(sh_word("/opt/vgpu/lib/vgpu/libvgpu-exec.so") == "/opt/vgpu/lib/vgpu/libvgpu-exec.so");
  CHECK(sh_word("") == "''");
  CHECK(sh_word("a b") == "'a b'");
  CHECK(sh_word("it's") == "'it'\\''s'");
  CHECK(sh_word("~") == "'~'");
  CHECK(sh_word("a\x1b") == "a\"$(printf '\\033')\"");
  CHECK(sh_word("\n\x01\n") == "'\n'\"$(printf '\\001')\"'\n'");
}

TEST_CASE("what the line looks like") {
  Plan plan;
  plan.request.command = {"ollama", "serve"};
  plan.environment = {{"LD_PRELOAD", "/a:/b"}, {"EMPTY", ""}};
  plan.unset = {"OLD"};
  CHECK(to_sh(plan) == "env -u OLD LD_PRELOAD=/a:/b EMPTY= ollama serve\n");
  plan.environment.clear();
  plan.request.command = {"-x"};
  CHECK(to_sh(plan) == "env -u OLD -- -x\n");
}

TEST_CASE("every byte arrives, in names, values and arguments") {
  const Scratch scratch;
  Plan plan;
  plan.request.command = {
      own_path(), every_byte(), "",    "\n",       "a\n\n",       "'", "\\", "$HOME `id` $(id) !! ~ * ?",
      "-n",       "--",         "A=B", "\xff\xfe", "\xe2\x82\xac"};
  plan.environment = {{"LD_PLAIN", "/a:/b"},  {"EVERY", every_byte()},   {"lines", "\n\na\n\n"},        {"EMPTY", ""},
                      {"no.shell-name", "x"}, {"caf\xc3\xa9 \xff", "y"}, {"BASH_FUNC_f%%", "() { :; }"}};
  plan.unset = {"OLD", "not there", "-x"};
  check_runs(scratch, plan, kStart);
}

TEST_CASE("names of variables and commands that env(1) would take for something else") {
  const Scratch scratch;
  for (const std::string name :
       {"a=b", "-x", "-", "--", "with space", "new\nline", "qu'ote", "\xff", "=", "-u=x", "echo", "true", "if"}) {
    INFO(name);
    std::filesystem::create_symlink(own_path(), scratch.path(name));
    Plan plan;
    plan.request.command = {name, "argument"};  // found in PATH
    check_runs(scratch, plan, {"PATH=" + scratch.path("") + ":/usr/bin:/bin", "OLD=1"});
    plan.unset = {"OLD"};
    plan.environment = {{"-name", "v"}, {"B", "c"}};
    check_runs(scratch, plan, {"PATH=" + scratch.path("") + ":/usr/bin:/bin", "OLD=1"});
    plan.request.command = {scratch.path(name)};
    plan.environment = {{"B", "c"}};
    check_runs(scratch, plan, kStart);
  }
}

TEST_CASE("the command is searched in the PATH that the plan sets") {
  const Scratch scratch;
  std::filesystem::create_symlink(own_path(), scratch.path("only-there"));
  Plan plan;
  plan.request.command = {"only-there"};
  plan.environment = {{"PATH", scratch.path("")}};
  check_runs(scratch, plan, kStart);
}

TEST_CASE("ten thousand arguments") {
  const Scratch scratch;
  Plan plan;
  plan.request.command = {own_path()};
  for (int i = 0; i < 10'000; ++i) plan.request.command.push_back("argument " + std::to_string(i));
  for (int i = 0; i < 2'000; ++i)
    plan.environment.push_back({"VARIABLE" + std::to_string(i), "value'" + std::to_string(i)});
  check_runs(scratch, plan, kStart);
}
