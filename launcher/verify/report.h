// A process and everything below it, judged; and how that is shown.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "launcher/verify/judgement.h"

namespace vgpu::verify {

struct Member {
  Observation process;
  Judgement judgement;
  std::optional<std::size_t> parent;  // in Report::members, where it stands before
};

struct Report {
  std::vector<Member> members;
  std::size_t ended = 0;  // descendants that ended while they were looked at: nothing is left to judge
  std::vector<std::string> notes;

  void add(Report other);
};

// Empty `members`: there is no such process.
Report examine(const os::Machine& machine, int pid, const Expectation& plan);

// The worst of them: does not hold, cannot tell, holds.
Verdict verdict(const Report& report);

// `verdict`: of the whole; it is not the worst of the members where there are none.
std::string to_text(const Report& report, Verdict verdict);
std::string to_json(const Report& report, Verdict verdict);  // config/schema/verify-1.json
// The last line of the text, without its newline: "holds: ...".
std::string summary(const Report& report, Verdict verdict);

// The processes as a tree, each with what it carries, and why it does not carry the rest.
std::string to_tree(const Report& report);
std::string to_dot(const Report& report);

}  // namespace vgpu::verify
