#include "launcher/verify/judgement.h"

namespace vgpu::verify {

const char* name(Finding finding) {
  switch (finding) {
    case Finding::carries: return "carries";
    case Finding::nothing_to_carry: return "nothing-to-carry";
    case Finding::left_out: return "left-out";
    case Finding::kernel_thread: return "kernel-thread";
    case Finding::static_program: return "static";
    case Finding::secure: return "secure";
    case Finding::other_class: return "other-class";
    case Finding::other_libc: return "other-libc";
    case Finding::never_given: return "never-given";
    case Finding::environment_cleaned: return "environment-cleaned";
    case Finding::environment_only: return "environment-only";
    case Finding::missing: return "missing";
    case Finding::order: return "order";
    case Finding::foreign_won: return "foreign-won";
    case Finding::bypassed: return "bypassed";
    case Finding::double_load: return "double-load";
    case Finding::ended: return "ended";
    case Finding::no_rights: return "no-rights";
    case Finding::not_ready: return "not-ready";
    case Finding::unreadable: return "unreadable";
    case Finding::order_unknown: return "order-unknown";
  }
  return "unreadable";
}

const char* name(Verdict verdict) {
  switch (verdict) {
    case Verdict::holds: return "holds";
    case Verdict::does_not_hold: return "does-not-hold";
    case Verdict::cannot_tell: return "cannot-tell";
  }
  return "cannot-tell";
}

Verdict verdict(Finding finding) {
  switch (finding) {
    case Finding::carries:
    case Finding::nothing_to_carry:
    case Finding::left_out: return Verdict::holds;
    case Finding::ended:
    case Finding::no_rights:
    case Finding::not_ready:
    case Finding::unreadable:
    case Finding::order_unknown: return Verdict::cannot_tell;
    default: return Verdict::does_not_hold;
  }
}

}  // namespace vgpu::verify
