// What doctor reads out of files, on a machine in memory: machines that this one is not.
#include <doctest/doctest.h>

#include <algorithm>

#include "launcher/doctor/catalogue.h"
#include "launcher/doctor/examination.h"
#include "launcher/doctor/ids.h"
#include "launcher/doctor/report.h"
#include "launcher/os/memory_machine.h"
#include "tests/unit/elf_builder.h"

using namespace vgpu;
using namespace vgpu::doctor;

namespace {

struct Scene {
  os::MemoryMachine machine;
  plan::Plan plan;

  Scene() {
    plan.target.path = plan.target.program = "/usr/bin/app";
    plan.target.elf_class = 64;
    plan.target.machine = "x86_64";
    plan.target.libc = "glibc";
    plan.scope = "inherit";
    plan.preload = {"/opt/vgpu/shim.so"};
    plan.request.command = {"app"};
    machine.add_program("/usr/bin/app", test::glibc_program().build());
    machine.add("/usr/lib/x86_64-linux-gnu/libc.so.6", test::shared_library("libc.so.6").build());
    machine.add("/opt/vgpu/shim.so", test::shared_library("shim.so").build());
  }

  template <class Check>
  Findings by(const Check& check) const {
    const os::RootedMachine units(machine, "/", "/opt/vgpu/bin/vgpuctl");
    Findings findings;
    check(Subject{.machine = machine, .plan = plan, .command = true, .units = units, .launcher = {}, .request = {}},
          findings);
    return findings;
  }
};

// The id of what a wrapper with that line is told, "" for nothing.
std::string told(const std::string& line) {
  Scene scene;
  scene.machine.add_program("/usr/bin/wrapper", "#!/bin/sh\n" + line + "\n");
  scene.plan.target.steps = {{.script = "/usr/bin/wrapper", .interpreter = "/bin/sh", .argument = {}}};
  const Findings findings = scene.by(check_wrapper);
  if (findings.empty()) return {};
  CHECK(findings.front().evidence.front().file == "/usr/bin/wrapper");
  CHECK(findings.front().evidence.front().line == 2);
  return findings.front().id;
}

}  // namespace

TEST_CASE("every id has a page, in the order of the ids, and each page its sentence") {
  REQUIRE(pages().size() == ids().size());
  for (std::size_t i = 0; i < ids().size(); ++i) {
    CHECK(pages()[i].id == ids()[i]);
    CHECK(rank(ids()[i]) == i);
    CHECK(pages()[i].summary().size() > 10);
    CHECK(find_page(ids()[i]) == &pages()[i]);
  }
  CHECK(find_page("no-such") == nullptr);
  std::vector<std::string_view> sorted = ids();
  std::sort(sorted.begin(), sorted.end());
  CHECK(std::adjacent_find(sorted.begin(), sorted.end()) == sorted.end());
}

TEST_CASE("lines of a script that replace LD_PRELOAD, and lines that do not") {
  for (const char* line :
       {"LD_PRELOAD=/x.so exec app", "export LD_PRELOAD=/x.so", "  LD_PRELOAD= app", "true; LD_PRELOAD=/x app",
        "unset LD_PRELOAD", "unset A LD_PRELOAD B", "exec env -i app", "env - app", "env --ignore-environment app",
        "env -u LD_PRELOAD app", "env --unset=LD_PRELOAD app", "os.environ['LD_PRELOAD'] = '/x'",
        "os.environ.pop(\"LD_PRELOAD\", None)", "del os.environ['LD_PRELOAD']"}) {
    CAPTURE(line);
    CHECK(told(line) == "preload-replaced");
  }
  for (const char* line :
       {"# LD_PRELOAD=/x.so", "LD_PRELOAD=/x:$LD_PRELOAD app", "LD_PRELOAD=\"/x${LD_PRELOAD:+:$LD_PRELOAD}\"",
        "echo $LD_PRELOAD", "MY_LD_PRELOAD=/x app", "unset LD_PRELOAD_PATH_NOT", "env A=1 app", "env -u OTHER app",
        "sed -i s/a/b/ file", "if os.environ['LD_PRELOAD'] == 'x':"}) {
    CAPTURE(line);
    CHECK(told(line).empty());
  }
}

TEST_CASE("what an AppArmor profile attaches to") {
  const auto confined = [](const std::string& head) {
    Scene scene;
    scene.machine.add("/sys/module/apparmor/parameters/enabled", "Y\n");
    scene.machine.add("/etc/apparmor.d/one", "abi <abi/4.0>,\n\n" + head + "\n  /usr/bin/app mr,\n}\n");
    return scene.by(check_apparmor).size();
  };
  for (const char* head : {"/usr/bin/app {", "profile app /usr/bin/app {",
                           "profile \"app\" \"/usr/bin/app\" flags=(enforce) {", "/{,usr/}bin/{app,other} {",
                           "@{bin}/app {", "/usr/**/app {", "/usr/*/app {", "profile app /usr/{bin,sbin}/app {"}) {
    CAPTURE(head);
    CHECK(confined(head) == 1);
  }
  for (const char* head : {"/usr/bin/other {", "profile app {", "# /usr/bin/app {", "/usr/*app {",
                           "profile app /usr/bin/app flags=(unconfined) {", "/usr/bin/app,"}) {
    CAPTURE(head);
    CHECK(confined(head) == 0);
  }
  CHECK(confined("/{,,,,}{,,,,}{,,,,}{,,,,}{,,,,}usr/bin/app {") <=
        1);  // 3125 patterns: looked at as far as is sensible
  Scene off;
  off.machine.add("/etc/apparmor.d/one", "/usr/bin/app {\n}\n");
  CHECK(off.by(check_apparmor).empty());
}

TEST_CASE("what an AppArmor profile allows, and where it cleans the environment") {
  const auto causes = [](const std::string& rules, const std::string& local = "") {
    Scene scene;
    scene.machine.add("/sys/module/apparmor/parameters/enabled", "Y\n");
    scene.machine.add("/etc/apparmor.d/one", "/usr/bin/app {\n" + rules + "\n}\n/usr/bin/other {\n  /** mrPx,\n}\n");
    if (!local.empty()) scene.machine.add("/etc/apparmor.d/local/one", local);
    std::string text;
    for (const Finding& finding : scene.by(check_apparmor)) text += finding.cause + "\n";
    return text;
  };
  for (const char* rules : {"/opt/vgpu/shim.so mr,", "owner /opt/vgpu/** rm,", "mr /opt/vgpu/**,", "allow file /** mr,",
                            "/opt/vgpu/* r,\n/opt/** m,", "\"/opt/vgpu/shim.so\" mr,", "/opt/{a,vgpu}/** mrix,",
                            "profile hat {\n}\n/opt/vgpu/** mr,"}) {
    CAPTURE(rules);
    CHECK(causes(rules).empty());
  }
  for (const char* rules :
       {"", "/opt/vgpu/** r,", "/opt/vgpu/** m,", "/opt/vgpu/other.so mr,", "# /opt/vgpu/** mr,",
        "/opt/vgpu/** mr,\ndeny /opt/vgpu/shim.so m,", "/opt/* mr,", "/opt/vgpu/** mr", "include <local/two>"}) {
    CAPTURE(rules);
    CHECK(causes(rules).find("no rule of its own lets /opt/vgpu be mapped") != std::string::npos);
  }
  CHECK(causes("include if exists <local/one>", "/opt/vgpu/** mr,\n").empty());
  CHECK(causes("#include <local/one>", "/opt/vgpu/** mr,\n").empty());
  for (const char* permissions : {"Px", "mrPx", "Cx", "Ux", "PUx"}) {
    CAPTURE(permissions);
    CHECK(causes("/** mr,\n/usr/bin/child " + std::string(permissions) + " -> child,")
              .find("starts /usr/bin/child with AT_SECURE") != std::string::npos);
  }
  for (const char* permissions : {"px", "ix", "cx", "ux", "mr"}) {
    CAPTURE(permissions);
    CHECK(causes("/** mr,\n/usr/bin/child " + std::string(permissions) + ",").empty());
  }
}

TEST_CASE("the closure finds what ld.so would, by its order, and says how") {
  Scene scene;
  test::ElfBuilder program = test::glibc_program();
  program.needed = {"liba.so", "libc.so.6"};
  program.rpath = "$ORIGIN/../lib/app";
  scene.machine.add_program("/usr/bin/app", program.build());
  test::ElfBuilder a = test::shared_library("liba.so");
  a.needed = {"libb.so", "libgone.so"};
  scene.machine.add("/usr/lib/app/liba.so", a.build());
  scene.machine.add("/usr/lib/app/libb.so", test::shared_library("libb.so").build());
  scene.machine.add("/first/libb.so", test::shared_library("libb.so").build());
  scene.plan.library_path = {"/first"};
  LinkClosure closure = link_closure(scene.machine, scene.plan, {});
  std::vector<std::string> paths;
  for (const LinkedObject& object : closure.objects) paths.push_back(object.path);
  // The program's DT_RPATH counts for what its libraries need, and goes before LD_LIBRARY_PATH.
  CHECK(paths == std::vector<std::string>{"/usr/bin/app", "/opt/vgpu/shim.so", "/usr/bin/../lib/app/liba.so",
                                          "/usr/lib/x86_64-linux-gnu/libc.so.6", "/usr/bin/../lib/app/libb.so"});
  CHECK(closure.objects[4].route == Route::rpath);
  CHECK(closure.objects[4].parent == 2);
  CHECK(closure.objects[4].rpath_owner == 0);
  REQUIRE(closure.missing.size() == 1);
  CHECK(closure.missing[0].name == "libgone.so");

  // With a DT_RUNPATH it does neither.
  std::swap(program.rpath, program.runpath);
  scene.machine.add_program("/usr/bin/app", program.build());
  closure = link_closure(scene.machine, scene.plan, {});
  CHECK(closure.objects[2].route == Route::runpath);
  CHECK(closure.objects[4].path == "/first/libb.so");
  CHECK(closure.objects[4].route == Route::library_path);

  scene.plan.target.libc = "musl";
  CHECK(link_closure(scene.machine, scene.plan, {}).objects.empty());
}

TEST_CASE("worst first, and the verdict is the worst") {
  Report report;
  const auto add = [&](const char* id, Severity severity) {
    report.findings.push_back({.id = id, .severity = severity, .where = "x", .cause = "y"});
  };
  CHECK(verdict(report) == plan::ExitStatus::ok);
  add("session-stale", Severity::warning);
  CHECK(verdict(report) == plan::ExitStatus::ok);
  add("target-unreadable", Severity::unknown);
  CHECK(verdict(report) == plan::ExitStatus::cannot_tell);
  add("shim-bypassed", Severity::error);
  add("shim-missing", Severity::error);
  CHECK(verdict(report) == plan::ExitStatus::does_not_hold);
  sort_worst_first(report.findings);
  std::vector<std::string> order;
  for (const Finding& finding : report.findings) order.push_back(finding.id);
  CHECK(order == std::vector<std::string>{"shim-missing", "shim-bypassed", "target-unreadable", "session-stale"});
}
