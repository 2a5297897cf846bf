// Where two CDI specifications differ, by what they mean: the order of devices, mounts and variables is none of it.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "launcher/cdi/options.h"

namespace vgpu::cdi {

struct Difference {
  std::string where;                  // "device gpu1: VGPU_DEVICE_1", "mount /usr/lib/vgpu: hostPath"
  std::optional<std::string> has;     // nothing: it is not there
  std::optional<std::string> should;  // nothing: it should not be there
};

// What `text`, the content of a specification's file, has that `wanted` has not, and the other way round. Nothing where
// `text` is no JSON object: no runtime reads it.
std::optional<std::vector<Difference>> differences(std::string_view text, std::string_view wanted);

// The options that a specification of ours was made with; nothing where it does not tell.
std::optional<Options> options_in(std::string_view text);

}  // namespace vgpu::cdi
