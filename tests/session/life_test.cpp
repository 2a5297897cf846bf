// What a process is charged lives exactly as long as its address space: killed, forked, exec'ed, renumbered.
#include <doctest/doctest.h>
#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/syscall.h>

#include <chrono>
#include <set>
#include <thread>

#include "shims/session/identity.h"
#include "shims/session/lock.h"
#include "shims/session/residents.h"
#include "tests/session/scene.h"

namespace {

using namespace vgpu::session;
using namespace vgpu::session_test;
using namespace std::chrono_literals;

constexpr std::uint64_t kHeld = 64 << 10;

// Joins, is charged, says so and waits to be killed.
void hold_on(const Child& self, const std::string& path) {
  Member member;
  self.tell(hold(path, kHeld, member) ? 'h' : 'f');
  pause();
}

bool all_zero_within(const std::string& path, std::chrono::milliseconds most) {
  const auto end = std::chrono::steady_clock::now() + most;
  while (used(path) != 0) {
    if (std::chrono::steady_clock::now() > end) return false;
  }
  return true;
}

}  // namespace

TEST_CASE("processes of a session share its books") {
  const Directory directory;
  const std::string path = directory.session();
  const Child first([&](const Child& self) { hold_on(self, path); });
  const Child second([&](const Child& self) { hold_on(self, path); });
  REQUIRE(first.word() == 'h');
  REQUIRE(second.word() == 'h');
  Reader reader;
  Failure failure = {};
  REQUIRE(reader.open(path.c_str(), failure));
  CHECK(reader.used(0) == 2 * kHeld);
  CHECK(reader.used(1) == 0);
  unsigned next = 0;
  Process process = {};
  std::set<pid_t> pids;
  while (reader.next_process(next, process)) {
    CHECK(process.used[0] == kHeld);
    CHECK(process.same_namespace);
    CHECK(process.start != 0);
    pids.insert(static_cast<pid_t>(process.pid));
  }
  CHECK(pids == std::set<pid_t>{first.pid(), second.pid()});
  bool undecided = false;
  CHECK(reader.exact(undecided));
}

TEST_CASE("SIGKILL gives everything back, before anybody reaps the process") {
  const Directory directory;
  const std::string path = directory.session();
  Child child([&](const Child& self) { hold_on(self, path); });
  REQUIRE(child.word() == 'h');
  CHECK(used(path) == kHeld);
  child.signal(SIGKILL);
  CHECK(all_zero_within(path, 100ms));
  Reader reader;
  Failure failure = {};
  REQUIRE(reader.open(path.c_str(), failure));
  unsigned next = 0;
  Process process = {};
  CHECK_FALSE(reader.next_process(next, process));
}

TEST_CASE("a stopped process keeps what it has") {
  const Directory directory;
  const std::string path = directory.session();
  const Child child([&](const Child& self) { hold_on(self, path); });
  REQUIRE(child.word() == 'h');
  child.signal(SIGSTOP);
  std::this_thread::sleep_for(20ms);
  CHECK(used(path) == kHeld);
  child.signal(SIGCONT);
}

TEST_CASE("a forked child neither has nor keeps what its parent was charged") {
  const Directory directory;
  const std::string path = directory.session();
  int grandchild[2];
  REQUIRE(pipe(grandchild) == 0);
  Child parent([&](const Child& self) {
    Member member;
    if (!hold(path, kHeld, member)) return self.tell('f');
    const pid_t pid = fork();
    if (pid == 0) {
      Member mine;  // a slot of its own, if it wants one
      self.tell(hold(path, kUnit, mine) && mine.slot != member.slot ? 'g' : 'f');
      pause();
    }
    if (write(grandchild[1], &pid, sizeof pid) != sizeof pid) self.tell('f');
    pause();
  });
  REQUIRE(parent.word() == 'g');
  pid_t pid = 0;
  REQUIRE(read(grandchild[0], &pid, sizeof pid) == sizeof pid);
  CHECK(used(path) == kHeld + kUnit);
  parent.kill();
  CHECK(used(path) == kUnit);
  kill(pid, SIGKILL);
  CHECK(all_zero_within(path, 100ms));
  close(grandchild[0]);
  close(grandchild[1]);
}

TEST_CASE("a child of vfork shares its parent's life until it execs, and not longer") {
  const Directory directory;
  const std::string path = directory.session();
  int grandchild[2];
  REQUIRE(pipe(grandchild) == 0);
  Child parent([&](const Child& self) {
    Member member;
    if (!hold(path, kHeld, member)) return self.tell('f');
    const pid_t pid = vfork();
    if (pid == 0) {
      execl("/bin/sleep", "sleep", "100", static_cast<char*>(nullptr));
      _exit(127);
    }
    self.tell(write(grandchild[1], &pid, sizeof pid) == sizeof pid ? 'h' : 'f');
    pause();
  });
  REQUIRE(parent.word() == 'h');
  pid_t pid = 0;
  REQUIRE(read(grandchild[0], &pid, sizeof pid) == sizeof pid);
  CHECK(used(path) == kHeld);
  parent.kill();
  CHECK(used(path) == 0);
  CHECK(kill(pid, SIGKILL) == 0);  // it was still there
  close(grandchild[0]);
  close(grandchild[1]);
}

TEST_CASE("exec gives everything back, though pid and start time stay") {
  const Directory directory;
  const std::string path = directory.session();
  int descriptor[2];
  REQUIRE(pipe2(descriptor, O_CLOEXEC) == 0);
  Child child([&](const Child& self) {
    Member member;
    self.tell(hold(path, kHeld, member) ? 'h' : 'f');
    execl("/bin/sleep", "sleep", "100", static_cast<char*>(nullptr));
  });
  REQUIRE(child.word() == 'h');
  close(descriptor[1]);
  char nothing = 0;
  CHECK(read(descriptor[0], &nothing, 1) == 0);  // closed by the exec, on whose way out the lock falls, too
  CHECK(all_zero_within(path, 100ms));
  CHECK(kill(child.pid(), 0) == 0);
  close(descriptor[0]);
}

TEST_CASE("a process that closes every descriptor keeps what it has") {
  const Directory directory;
  const std::string path = directory.session();
  const Child child([&](const Child& self) {
    Member member;
    const bool held = hold(path, kHeld, member);
    for (int fd = 3; fd < 1024; ++fd) {
      char link[64], target[256] = {};
      std::snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
      if (readlink(link, target, sizeof target - 1) < 0 || std::string(target).find("pipe:") == 0) continue;
      close(fd);
    }
    self.tell(held ? 'h' : 'f');
    pause();
  });
  REQUIRE(child.word() == 'h');
  CHECK(used(path) == kHeld);
}

TEST_CASE("a pid that was given to another process keeps nobody's charge alive") {
  const Directory directory;
  const std::string path = directory.session();
  Child child([&](const Child& self) { hold_on(self, path); });
  REQUIRE(child.word() == 'h');
  Member self;
  REQUIRE(hold(path, 0, self));
  child.kill();
  // The dead one's slot now names us, a living process, with the right start time.
  const unsigned slot = 1 - self.slot;
  const Identity me = own_identity();
  self.layout->slots[slot].owner = me.pid;
  self.layout->slots[slot].start = me.start;
  self.layout->slots[slot].pid_namespace = me.pid_namespace;
  CHECK(self.books().charged(0, slot) == kHeld / kUnit);
  CHECK(used(path) == 0);
  leave(self);
}

TEST_CASE("without the file's name the dead are told by pid and start time") {
  const Directory directory;
  const std::string path = directory.session();
  Child child([&](const Child& self) { hold_on(self, path); });
  REQUIRE(child.word() == 'h');
  Member self;
  REQUIRE(hold(path, 0, self));
  REQUIRE(unlink(path.c_str()) == 0);
  const auto swept = [&] { return sweep(path.c_str(), *self.layout, self.inode, self.pid_namespace, self.slot); };
  CHECK(swept() == 0);
  child.signal(SIGKILL);
  siginfo_t info = {};
  waitid(P_PID, static_cast<id_t>(child.pid()), &info, WEXITED | WNOWAIT);  // a zombie
  CHECK(swept() == kHeld / kUnit);
  CHECK(self.books().total(0) == 0);
  child.kill();
  leave(self);
  Identity other = own_identity();
  CHECK_FALSE(certainly_gone(other, other.pid_namespace));
  ++other.start;  // the same pid, another process
  CHECK(certainly_gone(other, other.pid_namespace));
  CHECK_FALSE(certainly_gone(other, other.pid_namespace + 1));  // not ours to judge
}

TEST_CASE("processes of another pid namespace count, and die, like others") {
  const Directory directory;
  const std::string path = directory.session();
  Child child([&](const Child& self) {
    if (unshare(CLONE_NEWPID) != 0) return self.tell('n');
    if (fork() != 0) {
      pause();
      return;
    }
    hold_on(self, path);  // pid 1 there
  });
  const char word = child.word();
  if (word == 'n') {
    MESSAGE("SKIPPED: no right to make a pid namespace");
    return;
  }
  REQUIRE(word == 'h');
  CHECK(used(path) == kHeld);
  {
    Reader reader;
    Failure failure = {};
    REQUIRE(reader.open(path.c_str(), failure));
    unsigned next = 0;
    Process process = {};
    REQUIRE(reader.next_process(next, process));
    CHECK_FALSE(process.same_namespace);
    CHECK(process.used[0] == kHeld);
  }
  // Its own sweep sees a slot of ours as alive, too.
  Member self;
  REQUIRE(hold(path, kUnit, self));
  CHECK(used(path) == kHeld + kUnit);
  const std::string children =
      "/proc/" + std::to_string(child.pid()) + "/task/" + std::to_string(child.pid()) + "/children";
  FILE* file = std::fopen(children.c_str(), "r");
  int init = 0;
  if (file != nullptr && std::fscanf(file, "%d", &init) == 1) kill(init, SIGKILL);
  if (file != nullptr) std::fclose(file);
  REQUIRE(init > 1);
  const auto end = std::chrono::steady_clock::now() + 100ms;
  while (used(path) != kUnit && std::chrono::steady_clock::now() < end) {
  }
  CHECK(used(path) == kUnit);
  leave(self);
}

TEST_CASE("a dead process's slot is taken by the next, with nothing left in it") {
  const Directory directory;
  const std::string path = directory.session();
  for (int i = 0; i < 50; ++i) {
    Child child([&](const Child& self) {
      Member member;
      self.tell(hold(path, 1 << 20, member) && member.slot == 0 ? 'h' : 'f');  // the whole device
      pause();
    });
    REQUIRE(child.word() == 'h');
    child.kill();
  }
  CHECK(used(path) == 0);
}
