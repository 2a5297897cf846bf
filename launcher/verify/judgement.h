// What a process has against what it should have: one verdict and one reason.
#pragma once

#include <string>
#include <vector>

#include "launcher/verify/observation.h"

namespace vgpu::verify {

enum class Verdict { holds, does_not_hold, cannot_tell };

// What the verdict rests on. The names are stable: they stand in the JSON and in docs/verify.md.
enum class Finding {
  // holds
  carries,  // every shim, in the order that was computed
  nothing_to_carry,
  left_out,  // without shims, because a rule of the manifest or VGPU_EXEC=off says so
  // does not hold
  kernel_thread,
  static_program,
  secure,  // AT_SECURE
  other_class,
  other_libc,
  never_given,  // nobody gave it the shims
  environment_cleaned,
  environment_only,  // its environment says yes, its link map says no
  missing,           // some of them
  order,
  foreign_won,  // another library of a shim's name stands in front of it, or in its place
  bypassed,     // or behind it, loaded by path, by RTLD_DEEPBIND or into a name space of its own
  double_load,  // a shim is loaded twice
  // cannot tell
  ended,
  no_rights,
  not_ready,
  unreadable,
  order_unknown,  // all are mapped, and only the mapped files can be read
};

const char* name(Finding finding);
const char* name(Verdict verdict);
Verdict verdict(Finding finding);

// Which shims there should be, in look-up order.
struct Expectation {
  std::vector<std::string> libraries;
  bool demanded = false;  // on vgpuctl's command line: what the process was given does not count
};

struct Judgement {
  Finding finding = Finding::unreadable;
  std::string reason;                 // one sentence without its full stop
  std::vector<std::string> expected;  // look-up order
  std::vector<std::string> carried;   // those of them that are loaded, in the order in which they stand
  std::vector<std::string> missing;
  std::vector<std::string> init_order;   // of those carried, as glibc initialises them
  std::optional<bool> environment_says;  // LD_PRELOAD has all that are expected
  std::vector<std::string> notes;        // true, worth a line, and no reason for the verdict
};

// What is known about the process that started it.
struct Parent {
  const Observation* process = nullptr;
  const Judgement* judgement = nullptr;
};

Judgement judge(const os::Machine& machine, const Observation& process, const Parent& parent, const Expectation& plan);

}  // namespace vgpu::verify
