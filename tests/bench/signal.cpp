// How long SIGTERM takes from kill(2) to the handler of a program that is process 1 of a pid namespace, as the
// entrypoint of a container is: by itself, behind vgpu-run, and behind vgpu-run and a shell that execs it.
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <string>
#include <vector>

#include "tests/bench/report.h"

namespace vgpu::bench {
namespace {

// Microseconds; NaN: there are no pid namespaces to be had, or it was not heard within a second.
double one(const std::vector<std::string>& command) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return NAN;
  const pid_t maker = fork();
  if (maker == 0) {
    if (unshare(CLONE_NEWPID) != 0) _exit(1);
    const pid_t first = fork();
    if (first == 0) {
      std::vector<char*> words;
      for (const std::string& word : command) words.push_back(const_cast<char*>(word.c_str()));
      words.push_back(nullptr);
      dup2(ends[1], 1);
      execv(words[0], words.data());
      _exit(127);
    }
    dprintf(ends[1], "%d\n", first);
    close(ends[1]);
    _exit(first < 0 || waitpid(first, nullptr, 0) != first);
  }
  close(ends[1]);
  std::string said;  // "u" and a number with a line feed, in whichever order
  char byte = 0;
  while ((said.find('u') == std::string::npos || said.find('\n') == std::string::npos) && read(ends[0], &byte, 1) == 1)
    said += byte;
  std::erase(said, 'u');
  const pid_t first = std::atoi(said.c_str());
  double result = NAN;
  if (first > 0) {
    timespec begin;
    clock_gettime(CLOCK_MONOTONIC, &begin);
    kill(first, SIGTERM);
    std::int64_t heard = 0;
    alarm(5);
    if (read(ends[0], &heard, sizeof heard) == static_cast<ssize_t>(sizeof heard)) {
      result =
          static_cast<double>(heard - (static_cast<std::int64_t>(begin.tv_sec) * 1'000'000'000 + begin.tv_nsec)) / 1000;
    }
    alarm(0);
    kill(first, SIGKILL);
  }
  close(ends[0]);
  waitpid(maker, nullptr, 0);
  return result;
}

}  // namespace
}  // namespace vgpu::bench

int main(int count, char** words) {
  using namespace vgpu::bench;
  const int rounds = count > 1 ? std::atoi(words[1]) : 200;
  const std::string build = std::filesystem::read_symlink("/proc/self/exe").parent_path().parent_path();
  const std::string target = build + "/tests/programs/hear_term";
  const std::vector<std::pair<std::string, std::vector<std::string>>> subjects{
      {"the program itself", {target}},
      {"vgpu-run --", {build + "/bin/vgpu-run", "--", target}},
      {"vgpu-run, then a shell's exec", {build + "/bin/vgpu-run", "--", "/bin/sh", "-c", "exec " + target}},
  };
  std::vector<std::vector<double>> times(subjects.size());
  for (int i = 0; i < rounds; ++i) {
    for (std::size_t which = 0; which < subjects.size(); ++which) {
      if (const double time = one(subjects[which].second); !std::isnan(time)) times[which].push_back(time);
    }
  }
  print_machine();
  std::vector<std::vector<std::string>> rows{{"process 1 is", "median µs", "99 % µs", "most µs", "runs"}};
  double most = NAN;
  for (std::size_t which = 0; which < subjects.size(); ++which) {
    auto& all = times[which];
    if (all.empty()) continue;
    std::sort(all.begin(), all.end());
    rows.push_back({subjects[which].first, number(all[all.size() / 2], 0), number(all[all.size() * 99 / 100], 0),
                    number(all.back(), 0), std::to_string(all.size())});
    if (which == 1 && all.size() == static_cast<std::size_t>(rounds)) most = all.back() / 1000;
  }
  print_table("SIGTERM, from kill to the handler", rows);
  std::printf("\n");
  print_goal("SIGTERM to the entrypoint's program", most, 10, " ms");
  return 0;
}
