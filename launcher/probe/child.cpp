#include "launcher/probe/child.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <filesystem>

namespace vgpu::probe {
namespace {

constexpr std::chrono::seconds kPatience{60};  // a real driver's first cuInit may wake devices up, one after the other

std::string own_path() {
  std::error_code ignored;
  return std::filesystem::read_symlink("/proc/self/exe", ignored);
}

// argv for posix_spawn: pointers into `words`, closed by a null.
std::vector<char*> pointers(std::vector<std::string>& words) {
  std::vector<char*> list;
  for (std::string& word : words) list.push_back(word.data());
  list.push_back(nullptr);
  return list;
}

// Reads to the end, or until patience ends; false then.
bool read_all(int descriptor, std::string& text) {
  const auto end = std::chrono::steady_clock::now() + kPatience;
  for (;;) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(end - std::chrono::steady_clock::now());
    pollfd ready = {descriptor, POLLIN, 0};
    if (left.count() <= 0 || poll(&ready, 1, static_cast<int>(left.count())) == 0) return false;
    char buffer[4096];
    const ssize_t got = read(descriptor, buffer, sizeof buffer);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return true;
    text.append(buffer, static_cast<std::size_t>(got));
  }
}

std::string ending(int status) {
  if (WIFSIGNALED(status)) {
    const int signal = WTERMSIG(status);
    return "crashed with signal " + std::to_string(signal) + " (" + strsignal(signal) + ")";
  }
  return "ended with status " + std::to_string(WEXITSTATUS(status)) + " and no answer";
}

int wait_for(pid_t pid) {
  int status = 0;
  while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  return status;
}

pid_t start(std::vector<std::string> words, char** environment, const posix_spawn_file_actions_t* actions,
            std::string& error) {
  const std::string path = own_path();
  words.insert(words.begin(), path);
  std::vector<char*> argv = pointers(words);
  pid_t pid = -1;
  const int failed = posix_spawn(&pid, path.c_str(), actions, nullptr, argv.data(), environment);
  if (failed != 0) error = "cannot start " + path + ": " + strerror(failed);
  return failed == 0 ? pid : -1;
}

}  // namespace

Answer ask_in_child(const Door& door) {
  Answer answer;
  int ends[2] = {-1, -1};
  if (pipe2(ends, O_CLOEXEC) != 0) {
    answer.error = std::string("no pipe: ") + strerror(errno);
  } else {
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, ends[1], kAnswerDescriptor);
    const pid_t pid = start({kAskOption, door.id}, environ, &actions, answer.error);
    posix_spawn_file_actions_destroy(&actions);
    close(ends[1]);
    if (pid > 0) {
      std::string lines;
      const bool in_time = read_all(ends[0], lines);
      if (!in_time) kill(pid, SIGKILL);
      const int status = wait_for(pid);
      if (!in_time) {
        answer.error = "no answer within " + std::to_string(kPatience.count()) + " s";
      } else if (status != 0) {
        answer.error = ending(status);
      } else {
        answer = from_lines(lines);
      }
    }
    close(ends[0]);
  }
  answer.door = door.id;
  return answer;
}

int answer_parent(const std::string& id) {
  const Door* door = find_door(id);
  if (door == nullptr) return 2;
  const std::string lines = to_lines(ask(*door));
  for (std::size_t done = 0; done < lines.size();) {
    const ssize_t written = write(kAnswerDescriptor, lines.data() + done, lines.size() - done);
    if (written < 0) return 2;
    done += static_cast<std::size_t>(written);
  }
  return 0;
}

int run_as_runner(const std::vector<std::string>& arguments) {
  std::string error;
  char* nothing[] = {nullptr};
  std::fflush(nullptr);
  const pid_t pid = start(arguments, nothing, nullptr, error);
  if (pid < 0) {
    std::fprintf(stderr, "vgpu-probe: %s\n", error.c_str());
    return 2;
  }
  const int status = wait_for(pid);
  return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

}  // namespace vgpu::probe
