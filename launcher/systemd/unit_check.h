// Does a service start with its shims, as far as its files tell?
#pragma once

#include <string>
#include <vector>

#include "launcher/os/rooted_machine.h"
#include "launcher/plan/plan.h"
#include "launcher/systemd/finding.h"
#include "launcher/systemd/unit.h"

namespace vgpu::systemd {

struct Subject {
  const os::RootedMachine& machine;
  const Unit& unit;
  std::string launcher;   // vgpu-run's path there; "" where there is none
  plan::Request request;  // options of the launch, for a unit that has none of its own
  bool whole = true;      // false: a file on its own, whose unit is not known
};

// One command of the service, what it really runs, and the Plan of that.
struct Start {
  Command command;
  std::string program;  // "" where it is not found or not known
  bool wrapped = false;
  bool known = false;
  plan::Plan plan;
};

struct Preload {
  bool set = false;   // LD_PRELOAD is in Environment=
  bool ours = false;  // with at least one of our shims
  std::vector<std::string> has;
  std::vector<std::string> computed;  // what it has to be, in order
};

struct Report {
  std::vector<Start> starts;
  Preload preload;
  Findings findings;

  bool has(Fault fault) const;
};

Report check_unit(const Subject& subject);

// The parts of check_unit.
void check_lines(const Unit& unit, Report& report);              // unit_lines.cpp
void check_environment(const Subject& subject, Report& report);  // unit_environment.cpp
void check_preload(const Subject& subject, Report& report);      // unit_preload.cpp
void check_hardening(const Subject& subject, Report& report);    // hardening.cpp

// A finding about one assignment.
Finding about(Fault fault, const Setting& setting, std::string cause, std::string fix,
              plan::Severity severity = plan::Severity::error);

}  // namespace vgpu::systemd
