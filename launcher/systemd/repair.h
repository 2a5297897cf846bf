// A file of a unit with its faults taken out, as far as what was meant can be known.
#pragma once

#include <string>
#include <vector>

#include "launcher/systemd/unit_check.h"

namespace vgpu::systemd {

// Everything else stays byte for byte. Hardening options are somebody's decision, and are left alone.
std::string repaired(const UnitFile& file, const Report& report);

}  // namespace vgpu::systemd
