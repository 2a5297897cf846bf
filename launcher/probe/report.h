// The answers and the verdict, for people and for programs.
#pragma once

#include <string>
#include <vector>

#include "launcher/probe/answer.h"
#include "launcher/probe/verdict.h"

namespace vgpu::probe {

std::string text_report(const std::vector<Answer>& answers, const Verdict& verdict);

// A stable interface: {"version": 1, "verdict", "summary", "devices": [...], "doors": [{"door", "api",
// "description", "answered", "error", "library", "api_version", "devices": [...]}], "differences": [...],
// "notes": [...]}.
std::string json_report(const std::vector<Answer>& answers, const Verdict& verdict);

}  // namespace vgpu::probe
