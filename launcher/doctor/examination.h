// Everything that can be wrong on a machine and for a command. Each check looks for one thing, in a file of
// its own, and starts nothing.
#pragma once

#include "launcher/doctor/failure.h"
#include "launcher/doctor/finding.h"
#include "launcher/doctor/link_closure.h"
#include "launcher/os/machine.h"
#include "launcher/os/rooted_machine.h"
#include "launcher/plan/plan.h"
#include "launcher/verify/report.h"

namespace vgpu::doctor {

struct Subject {
  const os::Machine& machine;
  const plan::Plan& plan;          // of the command, or of an ordinary program where none was named
  bool command = false;            // one was named
  bool offline = false;            // a tree that is not running: no processes, no sessions
  bool stack_is_sealed = false;    // this process may not make memory executable, nor may what it starts
  const os::RootedMachine& units;  // the machine that services have
  std::string launcher;            // vgpu-run's path there; "" where there is none
  plan::Request request;           // the options of the launch without its command
};

// Worst first.
Findings examine(const Subject& subject);

// What processes have against what they should have, as findings of the catalogue.
void add_processes(const verify::Report& report, Findings& findings);

void sort_worst_first(Findings& findings);

// The parts of examine.
void check_plan(const Subject& subject, Findings& findings);
void check_environment(const Subject& subject, Findings& findings);
void check_symbols(const Subject& subject, const LinkClosure& closure, Findings& findings);
void check_stack(const Subject& subject, const LinkClosure& closure, Findings& findings);
void check_run_paths(const Subject& subject, const LinkClosure& closure, Findings& findings);
void check_sanitizer(const Subject& subject, const LinkClosure& closure, Findings& findings);
void check_runtime(const Subject& subject, const LinkClosure& closure, Findings& findings);
void check_preload_file(const Subject& subject, Findings& findings);
void check_wrapper(const Subject& subject, Findings& findings);
void check_package(const Subject& subject, Findings& findings);
void check_apparmor(const Subject& subject, Findings& findings);
void check_selinux(const Subject& subject, Findings& findings);
void check_ollama(const Subject& subject, Findings& findings);
void check_sessions(const Subject& subject, Findings& findings);
void check_services(const Subject& subject, Findings& findings);
void check_processes(const Subject& subject, Findings& findings);

}  // namespace vgpu::doctor
