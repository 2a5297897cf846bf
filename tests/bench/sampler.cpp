#include "tests/bench/sampler.h"

#include <fcntl.h>
#include <sched.h>
#include <spawn.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <numeric>
#include <random>

namespace vgpu::bench {
namespace {

constexpr double kFairShare = 4000;  // microseconds a subject may take in a round
constexpr std::size_t kWarmUp = 5;

std::vector<char*> pointers(const std::vector<std::string>& strings) {
  std::vector<char*> result;
  for (const std::string& text : strings) result.push_back(const_cast<char*>(text.c_str()));
  result.push_back(nullptr);
  return result;
}

double now() {
  timespec time{};
  clock_gettime(CLOCK_MONOTONIC, &time);
  return static_cast<double>(time.tv_sec) * 1e6 + static_cast<double>(time.tv_nsec) / 1e3;
}

// glibc's posix_spawn is clone(CLONE_VM|CLONE_VFORK): the size of this process does not count.
class Runner {
 public:
  Runner() {
    posix_spawn_file_actions_init(&actions_);
    posix_spawn_file_actions_addopen(&actions_, 0, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&actions_, 1, "/dev/null", O_WRONLY, 0);
    posix_spawn_file_actions_addopen(&actions_, 2, "/dev/null", O_WRONLY, 0);
  }
  ~Runner() { posix_spawn_file_actions_destroy(&actions_); }
  Runner(const Runner&) = delete;
  Runner& operator=(const Runner&) = delete;

  // Microseconds, or NAN when the command did not end with status 0.
  double run(char* const* argv, char* const* envp) const {
    pid_t pid = 0;
    int status = 0;
    const double begin = now();
    if (posix_spawn(&pid, argv[0], &actions_, nullptr, argv, envp) != 0) return NAN;
    if (waitpid(pid, &status, 0) != pid || !WIFEXITED(status) || WEXITSTATUS(status) != 0) return NAN;
    return now() - begin;
  }

 private:
  posix_spawn_file_actions_t actions_{};
};

double quantile(const std::vector<double>& sorted, double q) {
  const double place = q * static_cast<double>(sorted.size() - 1);
  const auto below = static_cast<std::size_t>(place);
  const auto above = std::min(below + 1, sorted.size() - 1);
  return sorted[below] + (place - static_cast<double>(below)) * (sorted[above] - sorted[below]);
}

}  // namespace

std::vector<Timing> measure(const std::vector<Subject>& subjects, std::size_t rounds) {
  // One CPU for us and all that we start: no migration between the launcher and what it becomes.
  cpu_set_t before{};
  cpu_set_t one{};
  sched_getaffinity(0, sizeof before, &before);
  CPU_SET(static_cast<std::size_t>(sched_getcpu()), &one);
  sched_setaffinity(0, sizeof one, &one);

  struct State {
    std::vector<char*> argv, envp;
    std::vector<double> samples;
    std::size_t every = 1;  // takes part in every n-th round
    bool failed = false;
  };
  const Runner runner;
  std::vector<State> states;
  for (const Subject& subject : subjects) {
    State state{pointers(subject.command), pointers(subject.environment), {}, 1, false};
    double fastest = INFINITY;
    for (std::size_t i = 0; i < kWarmUp; ++i) {
      const double time = runner.run(state.argv.data(), state.envp.data());
      if (std::isnan(time)) state.failed = true;
      fastest = std::min(fastest, time);
    }
    if (state.failed)
      std::fprintf(stderr, "bench: %s does not run, left out\n", subject.name.c_str());
    else
      state.every = static_cast<std::size_t>(std::ceil(fastest / kFairShare));
    states.push_back(std::move(state));
  }

  std::vector<std::size_t> order(subjects.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::mt19937 random(20260101);  // NOLINT: the same order in every run
  for (std::size_t round = 0; round < rounds; ++round) {
    std::shuffle(order.begin(), order.end(), random);
    for (const std::size_t i : order) {
      State& state = states[i];
      if (state.failed || round % state.every != 0) continue;
      const double time = runner.run(state.argv.data(), state.envp.data());
      if (!std::isnan(time)) state.samples.push_back(time);
    }
  }
  sched_setaffinity(0, sizeof before, &before);

  std::vector<Timing> result;
  for (std::size_t i = 0; i < subjects.size(); ++i) {
    Timing timing{.name = subjects[i].name, .samples = states[i].samples.size()};
    if (timing.samples != 0) {
      std::sort(states[i].samples.begin(), states[i].samples.end());
      timing.lower_quartile = quantile(states[i].samples, 0.25);
      timing.median = quantile(states[i].samples, 0.5);
      timing.upper_quartile = quantile(states[i].samples, 0.75);
    }
    result.push_back(timing);
  }
  return result;
}

}  // namespace vgpu::bench
