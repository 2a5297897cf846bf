// Each question in a process of its own: what crashes or hangs there is one closed door, and no answer
// depends on what an earlier question loaded.
#pragma once

#include <string>
#include <vector>

#include "launcher/probe/doors.h"

namespace vgpu::probe {

// The argument by which this program asks one question and writes the answer to kAnswerDescriptor.
inline constexpr char kAskOption[] = "--ask";
inline constexpr int kAnswerDescriptor = 3;

// Starts this program again for one door and waits at most 60 s.
Answer ask_in_child(const Door& door);

// The body of such a child; its exit status.
int answer_parent(const std::string& id);

// Starts this program once more with `arguments` and an empty environment, as a careless runner would, and
// waits; its exit status, 128 + N after signal N.
int run_as_runner(const std::vector<std::string>& arguments);

}  // namespace vgpu::probe
