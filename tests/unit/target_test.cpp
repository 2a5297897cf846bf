#include "launcher/plan/target.h"

#include <doctest/doctest.h>

#include "launcher/os/elf.h"
#include "launcher/os/memory_machine.h"
#include "tests/unit/elf_builder.h"

using namespace vgpu;
using namespace vgpu::plan;
using os::MemoryMachine;
using test::ElfBuilder;

namespace {

constexpr char kPath[] = "/usr/local/bin:/usr/bin:/bin";

// A Debian with a user, a shell, env and python.
MemoryMachine debian() {
  MemoryMachine machine;
  machine.set_credentials({1000, 1000, 1000, 1000, false});
  machine.set_working_directory("/home/user");
  machine.add_directory("/home/user").uid = 1000;
  machine.add_program("/lib64/ld-linux-x86-64.so.2", [] {
    ElfBuilder linker;
    linker.soname = "ld-linux-x86-64.so.2";
    return linker.build();
  }());
  for (const char* program : {"/bin/sh", "/bin/true", "/usr/bin/env", "/usr/bin/python3"}) {
    machine.add_program(program, test::glibc_program().build());
  }
  return machine;
}

struct Inspected {
  Target target;
  Problems problems;
  bool has(Code code, Severity severity = Severity::error) const {
    for (const Problem& problem : problems) {
      if (problem.code == code && problem.severity == severity) return true;
    }
    return false;
  }
};

Inspected inspect(const MemoryMachine& machine, const std::string& command, std::string_view path = kPath) {
  Inspected result;
  result.target = inspect_target(machine, command, path, result.problems);
  for (const Problem& problem : result.problems) {
    CHECK_FALSE(problem.where.empty());
    CHECK_FALSE(problem.cause.empty());
    CHECK_FALSE(problem.fix.empty());
    CHECK_FALSE(problem.cause.ends_with("."));
  }
  return result;
}

}  // namespace

TEST_CASE("an ordinary program has no problems") {
  const auto result = inspect(debian(), "true");
  CHECK(result.problems.empty());
  CHECK(result.target.path == "/bin/true");
  CHECK(result.target.file == "/bin/true");
  CHECK(result.target.program == "/bin/true");
  CHECK(result.target.interpreter == "/lib64/ld-linux-x86-64.so.2");
  CHECK(result.target.elf_class == 64);
  CHECK(result.target.machine == "x86_64");
  CHECK(result.target.libc == "glibc");
  CHECK_FALSE(result.target.is_static);
  CHECK_FALSE(result.target.secure);
}

TEST_CASE("a program is looked up as execvp does") {
  MemoryMachine machine = debian();
  machine.add_program("/home/user/prog", test::glibc_program().build());

  SUBCASE("a name with a slash is not searched, and keeps its form for $0") {
    const auto result = inspect(machine, "./prog");
    CHECK(result.target.file == "./prog");
    CHECK(result.target.path == "/home/user/prog");
    CHECK(inspect(machine, "./true").has(Code::target_missing));
  }
  SUBCASE("an empty element is the working directory") {
    for (const char* path : {":/bin", "/bin:", "/bin::/usr/bin"}) {
      const auto result = inspect(machine, "prog", path);
      CHECK(result.target.file == "prog");
      CHECK(result.target.path == "/home/user/prog");
    }
    CHECK(inspect(machine, "prog", "/bin:/usr/bin").has(Code::target_missing));
    CHECK(inspect(machine, "prog", "").target.path == "/home/user/prog");
  }
  SUBCASE("what cannot be executed is passed over, and remembered") {
    machine.add("/usr/local/bin/true", "x", 0644);
    CHECK(inspect(machine, "true").target.path == "/bin/true");
    machine.add("/usr/local/bin/only", "x", 0644);
    const auto result = inspect(machine, "only");
    CHECK(result.has(Code::target_not_executable));
    CHECK(result.problems.size() == 1);
    CHECK(exit_status(result.problems[0].code) == ExitStatus::not_executable);
  }
  SUBCASE("a directory of the name is passed over") {
    machine.add_directory("/usr/local/bin/true");
    CHECK(inspect(machine, "true").target.path == "/bin/true");
  }
  SUBCASE("a script without its interpreter is passed over, and named when nothing follows") {
    machine.add_program("/usr/local/bin/true", "#!/missing\n");
    CHECK(inspect(machine, "true").target.path == "/bin/true");
    machine.add_program("/usr/local/bin/only", "#!/missing\n");
    CHECK(inspect(machine, "only").has(Code::target_interpreter_missing));
  }
  SUBCASE("a search that hits a damaged program ends there") {
    machine.add_program("/usr/local/bin/true", "\177ELFxx");
    CHECK(inspect(machine, "true").has(Code::target_invalid));
  }
}

TEST_CASE("each way not to be a program has its own code and status") {
  MemoryMachine machine = debian();
  struct Case {
    const char* command;
    Code code;
    ExitStatus status;
  };
  machine.add("/x/plain", test::glibc_program().build(), 0644);
  machine.add("/x/mine", test::glibc_program().build(), 0700);  // root's
  machine.add_directory("/x/dir");
  machine.add("/x/pipe", "", 0755).kind = os::FileStatus::Kind::other;
  machine.add_directory("/x/closed", 0700);
  machine.add_program("/x/closed/prog", test::glibc_program().build());
  machine.add_program("/x/binary", std::string("\0\1\2", 3));
  machine.add_program("/x/cut", test::glibc_program().build().substr(0, 90));
  ElfBuilder object = test::glibc_program();
  object.type = 1;
  machine.add_program("/x/object.o", object.build());
  machine.add_program("/x/lib.so", test::shared_library("lib.so.1").build());
  ElfBuilder arm = test::glibc_program();
  arm.machine = 183;
  machine.add_program("/x/arm", arm.build());
  machine.add_program("/x/musl", test::musl_program().build());  // no musl here
  machine.add_program("/x/dangling", "#!/nowhere/python\n");
  machine.add_program("/x/dos", "#!/bin/sh\r\necho\r\n");
  machine.add_program("/x/interpreter-is-dir", "#!/x/dir\n");
  machine.add_program("/x/noexec/prog", test::glibc_program().build());
  machine.mount("/x/noexec", {true, false});
  machine.add_program("/x/script-of-noexec", "#!/x/noexec/prog\n");
  machine.add_program("/x/self", "#!/x/self\n");
  machine.add_program("/x/self-env", "#!/usr/bin/env -S A=1\n");
  machine.add_program("/x/env-blank", "#!/usr/bin/env python3 -u\n");
  machine.add_program("/x/env-missing", "#!/usr/bin/env ruby\n");
  const Case cases[] = {
      {"", Code::target_missing, ExitStatus::not_found},
      {"nothing", Code::target_missing, ExitStatus::not_found},
      {"/x/nothing", Code::target_missing, ExitStatus::not_found},
      {"/x/plain", Code::target_not_executable, ExitStatus::not_executable},
      {"/x/plain/below", Code::target_not_executable, ExitStatus::not_executable},
      {"/x/mine", Code::target_not_executable, ExitStatus::not_executable},
      {"/x/dir", Code::target_is_directory, ExitStatus::not_executable},
      {"/x/pipe", Code::target_not_executable, ExitStatus::not_executable},
      {"/x/closed/prog", Code::target_not_executable, ExitStatus::not_executable},
      {"/x/binary", Code::target_invalid, ExitStatus::not_executable},
      {"/x/cut", Code::target_invalid, ExitStatus::not_executable},
      {"/x/object.o", Code::target_invalid, ExitStatus::not_executable},
      {"/x/lib.so", Code::target_invalid, ExitStatus::not_executable},
      {"/x/arm", Code::target_wrong_machine, ExitStatus::not_executable},
      {"/x/musl", Code::target_interpreter_missing, ExitStatus::not_found},
      {"/x/dangling", Code::target_interpreter_missing, ExitStatus::not_found},
      {"/x/dos", Code::target_interpreter_missing, ExitStatus::not_found},
      {"/x/interpreter-is-dir", Code::target_is_directory, ExitStatus::not_executable},
      {"/x/noexec/prog", Code::target_noexec_mount, ExitStatus::not_executable},
      {"/x/script-of-noexec", Code::target_noexec_mount, ExitStatus::not_executable},
      {"/x/self", Code::target_script_loop, ExitStatus::not_executable},
      {"/x/self-env", Code::target_script_loop, ExitStatus::not_executable},
      {"/x/env-blank", Code::target_missing, ExitStatus::not_found},
      {"/x/env-missing", Code::target_missing, ExitStatus::not_found},
  };
  for (const Case& one : cases) {
    CAPTURE(one.command);
    const auto result = inspect(machine, one.command);
    REQUIRE(result.problems.size() == 1);
    CHECK(result.problems[0].code == one.code);
    CHECK(result.problems[0].severity == Severity::error);
    CHECK(exit_status(result.problems[0].code) == one.status);
  }
}

TEST_CASE("the fix names what an expert would name") {
  MemoryMachine machine = debian();
  machine.add_program("/x/dos", "#!/bin/sh\r\n");
  CHECK(inspect(machine, "/x/dos").problems[0].fix.find("carriage return") != std::string::npos);
  machine.add_program("/x/blank", "#!/usr/bin/env python3 -u\n");
  CHECK(inspect(machine, "/x/blank").problems[0].fix.find("env -S") != std::string::npos);
  ElfBuilder go;
  go.dynamic = false;
  go.type = 2;
  go.sections = {".go.buildinfo"};
  machine.add_program("/x/go", go.build());
  CHECK(inspect(machine, "/x/go").problems[0].fix.find("CGO_ENABLED=1") != std::string::npos);
  ElfBuilder old = test::glibc_program();
  old.elf_class = 32;
  old.machine = 3;
  old.interpreter = "/lib/ld-linux.so.2";
  machine.add_program("/x/old", old.build());
  CHECK(inspect(machine, "/x/old").problems[0].fix.find("libc6:i386") != std::string::npos);
}

TEST_CASE("static programs are found, the dynamic linker is none") {
  MemoryMachine machine = debian();
  ElfBuilder program;
  program.dynamic = false;
  program.type = 2;
  machine.add_program("/x/static", program.build());
  auto result = inspect(machine, "/x/static");
  CHECK(result.has(Code::target_static));
  CHECK(result.target.is_static);
  CHECK(exit_status(Code::target_static) == ExitStatus::own_failure);

  ElfBuilder pie;  // static-pie: dynamic section, no interpreter, needs nothing
  pie.pie = true;
  machine.add_program("/x/static-pie", pie.build());
  CHECK(inspect(machine, "/x/static-pie").has(Code::target_static));

  ElfBuilder launcher = program;  // another vgpu-run hands on what it gets
  launcher.sections = {os::kLauncherSection};
  machine.add_program("/x/vgpu-run", launcher.build());
  result = inspect(machine, "/x/vgpu-run");
  CHECK(result.problems.empty());
  CHECK(result.target.is_static);

  result = inspect(machine, "/lib64/ld-linux-x86-64.so.2");
  CHECK(result.problems.empty());
  CHECK(result.target.libc == "glibc");
}

TEST_CASE("a program that may be executed but not read is started, with a warning") {
  MemoryMachine machine = debian();
  machine.add("/x/secret", test::glibc_program().build(), 0711);
  const auto result = inspect(machine, "/x/secret");
  CHECK(result.has(Code::target_unreadable, Severity::warning));
  CHECK(result.problems.size() == 1);
  CHECK(result.target.program == "/x/secret");
  CHECK(result.target.elf_class == 0);
}

TEST_CASE("scripts are followed to the program that runs in the end") {
  MemoryMachine machine = debian();
  SUBCASE("one level") {
    machine.add_program("/x/a", "#!/usr/bin/python3 -u\n");
    const auto result = inspect(machine, "/x/a");
    CHECK(result.problems.empty());
    CHECK(result.target.path == "/x/a");
    CHECK(result.target.program == "/usr/bin/python3");
    REQUIRE(result.target.steps.size() == 1);
    CHECK(result.target.steps[0].script == "/x/a");
    CHECK(result.target.steps[0].interpreter == "/usr/bin/python3");
    CHECK(result.target.steps[0].argument == "-u");
  }
  SUBCASE("five levels, and not one more") {
    machine.add_program("/x/1", "#!/bin/true\n");
    for (int i = 2; i <= 6; ++i) {
      machine.add_program("/x/" + std::to_string(i), "#!/x/" + std::to_string(i - 1) + "\n");
    }
    CHECK(inspect(machine, "/x/5").problems.empty());
    CHECK(inspect(machine, "/x/5").target.steps.size() == 5);
    CHECK(inspect(machine, "/x/6").has(Code::target_script_loop));
  }
  SUBCASE("through env, with options, assignments and another PATH") {
    for (const char* line : {"#!/usr/bin/env python3\n", "#!/usr/bin/env -S python3 -u\n",
                             "#!/usr/bin/env -S -u X A=1 python3\n", "#!/usr/bin/env -vS -i PATH=/usr/bin python3\n"}) {
      CAPTURE(line);
      machine.add_program("/x/a", line);
      const auto result = inspect(machine, "/x/a");
      CHECK(result.problems.empty());
      CHECK(result.target.program == "/usr/bin/python3");
      CHECK(result.target.path == "/x/a");
    }
    machine.add_program("/x/a", "#!/usr/bin/env -S PATH=/x python3\n");
    CHECK(inspect(machine, "/x/a").has(Code::target_missing));
  }
  SUBCASE("env's program is itself a script") {
    machine.add_program("/usr/bin/tool", "#!/usr/bin/env python3\n");
    machine.add_program("/x/a", "#!/usr/bin/env tool\n");
    const auto result = inspect(machine, "/x/a");
    CHECK(result.target.program == "/usr/bin/python3");
    CHECK(result.target.steps.size() == 2);
  }
  SUBCASE("env that is left without a program prints its environment") {
    machine.add_program("/x/a", "#!/usr/bin/env -S -u\n");
    const auto result = inspect(machine, "/x/a");
    CHECK(result.problems.empty());
    CHECK(result.target.program == "/usr/bin/env");
  }
  SUBCASE("a static env does not matter") {
    ElfBuilder busybox;
    busybox.dynamic = false;
    machine.add_program("/usr/bin/env", busybox.build());
    machine.add_program("/x/a", "#!/usr/bin/env python3\n");
    CHECK(inspect(machine, "/x/a").problems.empty());
  }
  SUBCASE("text without a first line goes to the shell") {
    machine.add_program("/x/a", "echo hello\n");
    machine.add_program("/x/empty", "");
    for (const char* script : {"/x/a", "/x/empty"}) {
      const auto result = inspect(machine, script);
      CHECK(result.problems.empty());
      CHECK(result.target.program == "/bin/sh");
      CHECK(result.target.steps.front().script == script);
    }
  }
}

TEST_CASE("AT_SECURE is foreseen as the kernel computes it") {
  MemoryMachine machine = debian();
  const std::string program = test::glibc_program().build();
  SUBCASE("set-user-ID to another user") {
    machine.add("/x/p", program, 04755);
    CHECK(inspect(machine, "/x/p").has(Code::target_secure));
    CHECK(inspect(machine, "/x/p").target.secure);
    CHECK(exit_status(Code::target_secure) == ExitStatus::own_failure);
  }
  SUBCASE("set-user-ID to ourselves changes nothing") {
    machine.add("/x/p", program, 04755).uid = 1000;
    CHECK(inspect(machine, "/x/p").problems.empty());
  }
  SUBCASE("root starts a set-user-ID root program as what it is") {
    machine.set_credentials({0, 0, 0, 0, false});
    machine.add("/x/p", program, 04755);
    CHECK(inspect(machine, "/x/p").problems.empty());
    machine.add("/x/p", program, 04755).uid = 1000;
    CHECK(inspect(machine, "/x/p").has(Code::target_secure));
  }
  SUBCASE("set-group-ID needs group execute") {
    machine.add("/x/p", program, 02755);
    CHECK(inspect(machine, "/x/p").has(Code::target_secure));
    machine.add("/x/p", program, 02745).gid = 1;
    CHECK_FALSE(inspect(machine, "/x/p").has(Code::target_secure));
  }
  SUBCASE("nosuid mounts and no_new_privs disarm the bits") {
    machine.add("/x/p", program, 06755);
    machine.mount("/x", {false, true});
    CHECK(inspect(machine, "/x/p").problems.empty());
    machine.mount("/x", {false, false});
    machine.set_no_new_privileges(true);
    CHECK(inspect(machine, "/x/p").problems.empty());
  }
  SUBCASE("file capabilities, but not for real root") {
    machine.add("/x/p", program, 0755).capabilities = true;
    CHECK(inspect(machine, "/x/p").has(Code::target_secure));
    machine.set_credentials({0, 0, 0, 0, false});
    CHECK(inspect(machine, "/x/p").problems.empty());
  }
  SUBCASE("an effective id that is not the real one stays secure in every child") {
    machine.set_credentials({1000, 0, 1000, 1000, true});
    CHECK(inspect(machine, "/bin/true").has(Code::target_secure));
  }
  SUBCASE("the bits of a script do not count, those of its interpreter do") {
    machine.add("/x/s", "#!/bin/true\n", 04755);
    CHECK(inspect(machine, "/x/s").problems.empty());
    machine.add("/x/p", program, 04755);
    machine.add("/x/s", "#!/x/p\n", 0755);
    CHECK(inspect(machine, "/x/s").has(Code::target_secure));
  }
}

TEST_CASE("a statically linked CUDA runtime is a warning") {
  MemoryMachine machine = debian();
  ElfBuilder program = test::glibc_program();
  program.sections = {".nv_fatbin"};
  machine.add_program("/x/p", program.build());
  const auto result = inspect(machine, "/x/p");
  CHECK(result.has(Code::target_static_cudart, Severity::warning));
  CHECK(result.problems[0].fix.find("-cudart shared") != std::string::npos);
}

TEST_CASE("an absolute path costs three questions and its dynamic linker one") {
  MemoryMachine machine = debian();
  machine.set_credentials({0, 0, 0, 0, false});
  machine.forget_questions();
  inspect(machine, "/bin/true");
  // status and view share one statx, and a mapping answers for noexec: see RealMachine.
  CHECK(machine.questions() == std::vector<std::string>{"status /bin/true", "view /bin/true", "mount_flags /bin/true",
                                                        "status /lib64/ld-linux-x86-64.so.2"});
}
