// A command that is started under vgpu-run to be looked at, and ended again.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "launcher/verify/report.h"

namespace vgpu::ctl {

struct TrialLimits {
  std::chrono::milliseconds patience{5000};  // no longer than that
  std::chrono::milliseconds quiet{300};      // no process came, went or changed for so long: it is up
};

struct TrialResult {
  verify::Report report;
  bool started = false;  // vgpu-run became the command
  bool ended = false;    // by itself
  int status = 0;        // when it ended by itself
  std::string failure;   // it could not be started at all: a clause
};

// `words`: vgpu-run's path, its options, the command. stdin is empty, what the command writes goes to stderr.
// Afterwards nothing of it runs any more: SIGTERM, and after two seconds SIGKILL, for it and everything below it.
TrialResult try_command(const os::Machine& machine, const std::vector<std::string>& words,
                        const verify::Expectation& plan, const TrialLimits& limits);

}  // namespace vgpu::ctl
