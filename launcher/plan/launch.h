// The launch as a list of steps, each from what came before to a part of the Plan.
#pragma once

#include "launcher/os/machine.h"
#include "launcher/plan/manifest_image.h"
#include "launcher/plan/plan.h"
#include "launcher/plan/seal.h"

namespace vgpu::plan {

// How much of the Plan is wanted.
enum class Detail {
  launch,  // what exec needs; that the program's dynamic linker exists is left to exec, and more where nothing is
           // preloaded (target.h)
  shown,   // also what only a reader wants: the initialisation order
};

// The Plan for `request`. Always a Plan: where a step fails, `problems` has its errors and the later parts are as far
// as they could be found out without it. There is a launch when no problem is an error.
//
// `sealed`: what the build knows about its own files; empty: everything is read.
struct Sealed {
  Seal libraries;           // seal.h
  SealedManifest manifest;  // manifest_image.h
};
Plan make_plan(const os::Machine& machine, Request request, Sealed sealed = {}, Detail detail = Detail::shown);

// The status that vgpu-run ends with: 0 without errors, 125 when one of them is its own failure, else 126 or 127
// (target.h).
ExitStatus exit_status(const Plan& plan);

}  // namespace vgpu::plan
