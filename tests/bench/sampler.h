// Starts commands again and again, in turn, and says how long each took from spawn to exit.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace vgpu::bench {

struct Subject {
  std::string name;
  std::vector<std::string> command;      // command[0] is a path
  std::vector<std::string> environment;  // raw strings, all of it
};

// Microseconds of wall-clock time, over `samples` runs. No samples: the command failed.
struct Timing {
  std::string name;
  std::size_t samples = 0;
  double lower_quartile = 0;
  double median = 0;
  double upper_quartile = 0;
};

// Every round runs each subject once, in a new random order, so that whatever disturbs the machine disturbs
// all alike. A subject that takes more than 4 ms sits rounds out, so that it gets about as much time as the
// others, not as many runs.
std::vector<Timing> measure(const std::vector<Subject>& subjects, std::size_t rounds);

}  // namespace vgpu::bench
