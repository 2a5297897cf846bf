// libc's system, popen and wordexp start their shell inside libc with `environ`, where nobody can pass another one. So
// `environ` itself points to an environment with the shims while such a call lasts, but only where the program has
// taken the shims out of its own: else nothing is touched.
//
// Other threads see the same variables and ours besides. Where one of them changes the environment meanwhile, what it
// did must not be lost: then ours stays for good. It holds what the process was started with.
#pragma once

#include "shims/propagate/propagate.h"

namespace vgpu::exec {

class LentEnviron {
 public:
  explicit LentEnviron(const propagate::Child& shell);
  ~LentEnviron();
  LentEnviron(const LentEnviron&) = delete;
  LentEnviron& operator=(const LentEnviron&) = delete;

  void give_back();
  bool is_lent() const { return generation_ != 0; }
  const propagate::Plan& plan() const { return plan_; }

 private:
  unsigned long generation_ = 0;
  bool registered_ = false;
  void* handler_[8] = {};  // libc's, of a thread that is cancelled in the middle: no destructor runs then
  propagate::Plan plan_;
};

}  // namespace vgpu::exec
