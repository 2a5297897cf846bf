// How findings are shown.
#pragma once

#include <string>
#include <vector>

#include "launcher/doctor/finding.h"
#include "launcher/plan/codes.h"

namespace vgpu::doctor {

struct Report {
  std::vector<std::string> command;  // empty: about the machine
  std::string program;               // the file that would run
  Findings findings;                 // worst first
};

// does_not_hold with an error, cannot_tell with something unknown, else ok.
plan::ExitStatus verdict(const Report& report);

std::string to_text(const Report& report);
std::string to_json(const Report& report);  // config/schema/doctor-1.json

}  // namespace vgpu::doctor
