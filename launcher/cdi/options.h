// What a specification was asked to be. It is kept in the specification itself, so that `vgpuctl cdi diff` knows.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "launcher/os/machine.h"
#include "launcher/plan/plan.h"

namespace vgpu::cdi {

inline constexpr char kOptionsVariable[] = "VGPU_CDI";

struct Options {
  std::vector<std::string> launch;                // words for vgpu-run: "--emulate", "a100:4"
  std::optional<std::string> image_preload;       // the image's LD_PRELOAD
  std::optional<std::string> image_library_path;  // the image's LD_LIBRARY_PATH
  bool operator==(const Options&) const = default;
};

// As JSON on one line, and back; nothing where the text is not of that form.
std::string to_text(const Options& options);
std::optional<Options> parse_options(std::string_view text);

// The launch that they describe, without a command. Variables of our own environment have no say: they are not meant
// for containers. Errors: Code::usage.
plan::Result<plan::Request> request_of(const Options& options);

// The same as variables for the vgpu-run in a container ("VGPU_RUN_PROFILE=none"), but for what says which
// devices there are: those are given one by one.
std::vector<std::string> twins_of(const plan::Request& request);

}  // namespace vgpu::cdi
