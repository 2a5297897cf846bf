// What a look at the sessions is printed as.
#pragma once

#include <string>

#include "launcher/session/look.h"

namespace vgpu::sessions {

// One object, config/schema/sessions-1.json.
std::string to_json(const Look& look);

// Prometheus's text exposition format, version 0.0.4.
std::string to_metrics(const Look& look);

struct TableStyle {
  std::size_t width = 0;  // columns of the terminal; 0: as many as it takes
  bool colour = false;
};
// A line of titles, one for each device of each session and one for each process and device, all of the same columns.
// Each ends with a newline.
std::string to_table(const Look& look, const TableStyle& style);

}  // namespace vgpu::sessions
