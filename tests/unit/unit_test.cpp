// A unit from its files, in memory: which file, which drop-ins, what counts.
#include "launcher/systemd/unit.h"

#include <doctest/doctest.h>

#include "launcher/os/memory_machine.h"
#include "launcher/os/rooted_machine.h"
#include "launcher/systemd/drop_in.h"
#include "launcher/systemd/program.h"

using namespace vgpu;
using namespace vgpu::systemd;
using Strings = std::vector<std::string>;

namespace {

Strings values(const Unit& unit, const char* key) {
  Strings found;
  for (const Setting& one : settings(unit, key)) found.push_back(one.value());
  return found;
}

}  // namespace

TEST_CASE("the first directory that has the unit wins; drop-ins go by file name") {
  os::MemoryMachine machine;
  machine.add("/usr/lib/systemd/system/a.service", "[Service]\nX=vendor\n");
  machine.add("/etc/systemd/system/a.service", "[Service]\nX=own\n");
  machine.add("/usr/lib/systemd/system/a.service.d/20.conf", "[Service]\nX=20\n");
  machine.add("/etc/systemd/system/a.service.d/10.conf", "[Service]\nX=10\n");
  machine.add("/run/systemd/system/a.service.d/10.conf", "[Service]\nX=masked by /etc\n");
  machine.add("/etc/systemd/system/service.d/15.conf", "[Service]\nX=15, every service\n");
  machine.add("/etc/systemd/system/a.service.d/30.conf", "");
  machine.add("/usr/lib/systemd/system/a.service.d/30.conf", "[Service]\nX=masked by an empty file\n");
  machine.add("/etc/systemd/system/a.service.d/40.txt", "[Service]\nX=no\n");
  const Unit unit = load_unit(machine, "a.service");
  CHECK(unit.fragment == "/etc/systemd/system/a.service");
  CHECK(values(unit, "X") == Strings{"own", "10", "15, every service", "20"});
  CHECK(setting(unit, "X")->where() == "/usr/lib/systemd/system/a.service.d/20.conf:2");
}

TEST_CASE("instances read the template's files, and dashes cut names short") {
  os::MemoryMachine machine;
  machine.add("/etc/systemd/system/foo-bar@.service", "[Service]\nX=template\n");
  machine.add("/etc/systemd/system/foo-bar@.service.d/1.conf", "[Service]\nX=1\n");
  machine.add("/etc/systemd/system/foo-bar@x.service.d/2.conf", "[Service]\nX=2\n");
  machine.add("/etc/systemd/system/foo-.service.d/3.conf", "[Service]\nX=3\n");
  CHECK(values(load_unit(machine, "foo-bar@x.service"), "X") == Strings{"template", "1", "2", "3"});
  CHECK(load_unit(machine, "foo-bar@.service").is_template());
  const Unit unit = load_unit(machine, "foo-bar@a\\x2db-c.service");
  CHECK(expanded(unit, "%i %I %p %j %N %%") == "a\\x2db-c a-b/c foo-bar bar foo-bar@a\\x2db-c %");
  CHECK_FALSE(expanded(unit, "%h").has_value());
  CHECK_FALSE(expanded(load_unit(machine, "foo-bar@.service"), "%i").has_value());
}

TEST_CASE(
    "an empty assignment forgets the ones before it; a link to /dev/null masks, an alias has the drop-ins of both") {
  os::MemoryMachine machine;
  machine.add("/etc/systemd/system/a.service",
              "[Service]\nExecStart=/a\nExecStart=\nExecStart=/b ; /c\n[Unit]\nExecStart=/d\n");
  machine.add_link("/etc/systemd/system/m.service", "/dev/null");
  machine.add_link("/etc/systemd/system/b.service", "/etc/systemd/system/a.service");
  machine.add("/etc/systemd/system/a.service.d/1.conf", "[Service]\nX=1\n");
  machine.add("/etc/systemd/system/b.service.d/2.conf", "[Service]\nX=2\n");
  const Unit unit = load_unit(machine, "a.service");
  REQUIRE(start_commands(unit).size() == 2);
  CHECK(start_commands(unit)[1].command.program == "/c");
  CHECK(load_unit(machine, "m.service").masked);
  CHECK(values(load_unit(machine, "b.service"), "X") == Strings{"1", "2"});
  CHECK(load_unit(machine, "nowhere.service").files.empty());
}

TEST_CASE("names") {
  CHECK(*service_name("ollama") == "ollama.service");
  CHECK(*service_name("a@b.service") == "a@b.service");
  for (const char* bad : {"", "a/b", ".service", "@x", "a.socket", "a b", "../x"})
    CHECK_FALSE(service_name(bad).has_value());
}

TEST_CASE("the environment of a service, and the program it runs") {
  os::MemoryMachine machine;
  machine.add_program("/usr/bin/prog", "x");
  machine.add("/usr/bin/data", "x");
  machine.add("/etc/systemd/system/a.service",
              "[Service]\nEnvironment=A=1 \"B=x y\" A=2\nEnvironment=C=%N bad\\q "
              "D=1\nEnvironment=E=%2\nExecStart=prog\nExecStart=data\nExecStart=%h/x\n");
  const Unit unit = load_unit(machine, "a.service");
  CHECK(service_environment(unit) ==
        Strings{"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "B=x y", "A=2", "C=a"});
  const std::vector<Command> commands = start_commands(unit);
  CHECK(find_program(machine, unit, commands[0].command).path == "/usr/bin/prog");
  CHECK(find_program(machine, unit, commands[1].command).path.empty());
  CHECK_FALSE(find_program(machine, unit, commands[2].command).known);
}

TEST_CASE("below a root, no link and no dots lead out of it") {
  os::MemoryMachine machine;
  machine.add("/etc/secret", "outside");
  machine.add("/t/etc/secret", "inside");
  machine.add_link("/t/link", "/etc/secret");
  machine.add_link("/t/up", "../../../etc/secret");
  machine.add_link("/t/dir", "/etc");
  machine.add_link("/t/loop", "loop");
  const os::RootedMachine rooted(machine, "/t", "/bin/x");
  for (const char* path : {"/link", "/up", "/dir/secret", "/../etc/secret", "/dir/../link"}) {
    CAPTURE(path);
    const auto text = rooted.read(path, 100);
    REQUIRE(text.has_value());
    CHECK(*text == "inside");
  }
  CHECK(*rooted.real_path("/dir/secret") == "/etc/secret");
  CHECK(*rooted.link_target("/link") == "/etc/secret");
  CHECK_FALSE(rooted.read("/loop", 100).has_value());
}
