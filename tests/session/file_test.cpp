// The session file: made whole by one of many, refused when it is not ours, removed when nobody lives in it.
#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/ptrace.h>

#include <cstring>
#include <fstream>
#include <memory>
#include <set>
#include <vector>

#include "shims/session/cleanup.h"
#include "shims/session/lock.h"
#include "shims/session/told.h"
#include "tests/session/scene.h"

namespace {

using namespace vgpu::session;
using namespace vgpu::session_test;

std::string refusal(const std::string& path, const Blueprint& wanted = blueprint()) {
  Member member;
  Failure failure = {};
  if (!join(path.c_str(), wanted, member, failure)) return failure.what;
  leave(member);
  return "";
}

// A session with nobody in it.
void make(const std::string& path) { CHECK(refusal(path) == ""); }

struct stat status_of(const std::string& path) {
  struct stat status = {};
  CHECK(lstat(path.c_str(), &status) == 0);
  return status;
}

int files_in(const Directory& directory) {
  int count = 0;
  for (const auto& entry : std::filesystem::directory_iterator(directory.file(""))) count += entry.exists();
  return count;
}

void write_at(const std::string& path, std::size_t offset, const void* bytes, std::size_t size) {
  const int fd = open(path.c_str(), O_RDWR);
  CHECK(pwrite(fd, bytes, size, static_cast<off_t>(offset)) == static_cast<ssize_t>(size));
  close(fd);
}

}  // namespace

TEST_CASE("whatever the umask, the file is its owner's and nobody else's") {
  const Directory directory;
  for (const mode_t mask : {0u, 022u, 0777u}) {
    const std::string path = directory.session(getpid(), std::to_string(mask));
    const mode_t before = umask(mask);
    make(path);
    umask(before);
    const struct stat status = status_of(path);
    CHECK((status.st_mode & 07777) == 0600);
    CHECK(status.st_size == sizeof(Layout));
    CHECK(status.st_blocks * 512 <= 16384);  // sparse: a session costs a few pages
    CHECK(refusal(path) == "");
  }
  CHECK(files_in(directory) == 3);  // no working files stay
}

TEST_CASE("of many that come first at once one makes the session, and all are in it") {
  const Directory directory;
  for (int round = 0; round < 10; ++round) {
    const std::string path = directory.session(getpid(), std::to_string(round));
    const std::string gate = directory.file("gate");
    const int held = open(gate.c_str(), O_CREAT | O_RDWR, 0600);
    REQUIRE(flock(held, LOCK_EX) == 0);
    std::vector<std::unique_ptr<Child>> children;
    for (int i = 0; i < 24; ++i) {
      children.push_back(std::make_unique<Child>([&](const Child& self) {
        const int mine = open(gate.c_str(), O_RDWR);
        flock(mine, LOCK_SH);
        Member member;
        self.tell(hold(path, kUnit, member) && leads_to(path.c_str(), member.inode) ? 'h' : 'f');
        pause();
      }));
    }
    flock(held, LOCK_UN);
    for (const auto& child : children) REQUIRE(child->word() == 'h');
    CHECK(used(path) == 24 * kUnit);
    close(held);
    unlink(gate.c_str());
    CHECK(files_in(directory) == round + 1);
  }
}

TEST_CASE("what is not a session of ours is refused, and says why") {
  const Directory directory;
  const std::string path = directory.session();
  Failure failure = {};

  CHECK(refusal(directory.file("no/such/directory")) == "cannot be created");
  CHECK(refusal("/proc/self/session") == "cannot be created");

  make(path);
  const std::string link = directory.file("link");
  REQUIRE(symlink(path.c_str(), link.c_str()) == 0);
  CHECK(refusal(link) == "cannot be opened");
  const std::string fifo = directory.file("fifo");
  REQUIRE(mkfifo(fifo.c_str(), 0600) == 0);
  CHECK(refusal(fifo) == "is not a regular file");
  CHECK(refusal("/dev/null") == "is not a regular file");
  CHECK(refusal(directory.file("")) == "cannot be opened");

  REQUIRE(chmod(path.c_str(), 0660) == 0);
  CHECK(refusal(path) == "is accessible to other users");
  REQUIRE(chmod(path.c_str(), 0600) == 0);
  if (geteuid() == 0) {
    REQUIRE(chown(path.c_str(), 12345, 0) == 0);
    CHECK(refusal(path) == "belongs to another user");
    REQUIRE(chown(path.c_str(), 0, 0) == 0);
  }
  CHECK(refusal(path) == "");

  REQUIRE(truncate(path.c_str(), sizeof(Layout) - 1) == 0);
  CHECK(refusal(path) == "has the wrong size for a session");
  REQUIRE(truncate(path.c_str(), 0) == 0);
  CHECK(refusal(path) == "has the wrong size for a session");
  REQUIRE(truncate(path.c_str(), sizeof(Layout)) == 0);
  CHECK(refusal(path) == "is not a session");
  Reader reader;
  CHECK_FALSE(reader.open(path.c_str(), failure));
  CHECK(std::string(failure.what) == "is not a session");
}

TEST_CASE("another version, devices of another size, damage") {
  const Directory directory;
  const std::string path = directory.session();
  make(path);
  Blueprint other = blueprint(2 << 20);
  CHECK(refusal(path, other) == "was made for a device of another size than this process has");
  other = blueprint();
  other.limits = "4096";  // whoever comes first sets the limits
  CHECK(refusal(path, other) == "");

  const std::uint32_t many = 4000;
  write_at(path, offsetof(Header, devices), &many, sizeof many);
  CHECK(refusal(path) == "is damaged: too many devices");
  const std::uint32_t two = 2;
  write_at(path, offsetof(Header, devices), &two, sizeof two);
  const std::uint32_t top = 0xfffffff0;  // read, never believed
  write_at(path, offsetof(Header, top), &top, sizeof top);
  CHECK(refusal(path) == "");
  CHECK(used(path) == 0);
  const std::uint32_t version = kVersion + 1;
  write_at(path, offsetof(Header, version), &version, sizeof version);
  CHECK(refusal(path) == "was made by another version of vgpu-run");
}

TEST_CASE("a name made for another file system is not filled here") {
  const Directory directory;
  std::string path = directory.session();
  CHECK(session_device(path.c_str()) == status_of(directory.file("")).st_dev);
  path += "0";
  CHECK(refusal(path) == "is on another file system than the session was made on (a container's own /dev/shm?)");
  CHECK(files_in(directory) == 0);
  CHECK(session_device("/dev/shm/mine-1b") == 0);
  CHECK(session_device("vgpu-session-1-2-xyz") == 0);
  CHECK(session_device("/a/vgpu-session-1-2-1b.77.88") == 0x1b);  // a working name
}

TEST_CASE("a session whose slots are all taken is an answer, not a wait without end") {
  const Directory directory;
  const std::string path = directory.session();
  make(path);
  const int fd = open(path.c_str(), O_RDWR);
  REQUIRE(lock_all_slots(fd));
  CHECK(refusal(path) == "has no free slot: 4096 processes use it");
  close(fd);
  CHECK(refusal(path) == "");
}

TEST_CASE("sessions nobody lives in are removed, and nothing else") {
  const Directory directory;
  pid_t ended = fork();
  if (ended == 0) _exit(0);
  waitpid(ended, nullptr, 0);
  const std::string abandoned = directory.session(ended, "1");
  const std::string lived_in = directory.session(ended, "2");
  const std::string launcher_lives = directory.session(getpid(), "3");
  const std::string foreign = directory.session(ended, "4");
  const std::string other_name = directory.file("vgpu-other-1-2-3");
  make(launcher_lives);
  make(lived_in);
  Member member;
  REQUIRE(hold(lived_in, kUnit, member));
  make(abandoned);
  std::ofstream(foreign) << "not a session";
  std::ofstream(other_name) << "x";
  CHECK(remove_abandoned(launcher_lives.c_str()) == 1);
  CHECK(files_in(directory) == 4);
  leave(member);
  CHECK(remove_abandoned(launcher_lives.c_str()) == 1);
  CHECK(access(launcher_lives.c_str(), F_OK) == 0);
  CHECK(access(foreign.c_str(), F_OK) == 0);
  CHECK(access(other_name.c_str(), F_OK) == 0);
  // The first of a new session tidies up in passing.
  make(abandoned);
  make(directory.session(getpid(), "5"));
  CHECK(access(abandoned.c_str(), F_OK) != 0);
}

// An ended process's pid: a launcher that is gone.
pid_t gone() {
  const pid_t ended = fork();
  if (ended == 0) _exit(0);
  waitpid(ended, nullptr, 0);
  return ended;
}

TEST_CASE(
    "a maker that is killed behind any of its system calls leaves nothing that the next session does not remove") {
  std::set<int> left;
  bool over = false;
  int calls = 0;
  for (; !over; ++calls) {
    const Directory directory;
    const std::string path = directory.session(gone(), "1");
    const pid_t maker = fork();
    if (maker == 0) {
      Member member;
      Failure failure = {};
      if (ptrace(PTRACE_TRACEME, 0, nullptr, nullptr) != 0) _exit(77);
      raise(SIGSTOP);
      join(path.c_str(), blueprint(), member, failure);
      raise(SIGSTOP);
      _exit(0);
    }
    int status = 0;
    waitpid(maker, &status, 0);
    if (WIFEXITED(status)) {
      MESSAGE("SKIPPED: no right to trace a child");
      return;
    }
    // A stop before and one behind each call.
    for (int i = 0; i <= calls && !over; ++i) {
      ptrace(PTRACE_SYSCALL, maker, nullptr, nullptr);
      waitpid(maker, &status, 0);
      over = WIFSTOPPED(status) && WSTOPSIG(status) == SIGSTOP;
    }
    kill(maker, SIGKILL);
    waitpid(maker, nullptr, 0);
    for (const auto& entry : std::filesystem::directory_iterator(directory.file(""))) {
      const bool working = is_working_name(entry.path().c_str());
      left.insert((working ? 1 : 2) + (working && entry.file_size() != 0 ? 2 : 0));
      CHECK(is_leftover(entry.path().c_str()) == working);
    }
    make(directory.session(getpid(), "2"));
    INFO("killed at stop ", calls);
    CHECK(files_in(directory) == 1);
  }
  CHECK(calls > 20);
  // All that can be left was: an empty file, a whole one without its name, and a session.
  CHECK(left == std::set<int>{1, 2, 3});
}

TEST_CASE("a session that is being made is no leftover") {
  const Directory directory;
  const std::string path = directory.session(gone(), "1") + ".1.2";
  const int fd = open(path.c_str(), O_RDWR | O_CREAT, 0600);
  bool broken = false;
  REQUIRE(lock_slot(fd, 0, broken));
  CHECK_FALSE(is_leftover(path.c_str()));
  CHECK_FALSE(remove_leftover(path.c_str()));
  make(directory.session(getpid(), "2"));
  CHECK(files_in(directory) == 2);
  close(fd);
  CHECK(is_leftover(path.c_str()));
  // By the name of a session it is none of ours to remove.
  CHECK_FALSE(remove_leftover(directory.session(getpid(), "2").c_str()));
  CHECK(remove_leftover(path.c_str()));
  CHECK(files_in(directory) == 1);
}

TEST_CASE("a maker whose file is tidied up before it has locked it makes another one") {
  const Directory directory;
  const std::string path = directory.session(gone(), "1");
  const pid_t maker = fork();
  if (maker == 0) {
    Member member;
    Failure failure = {};
    if (ptrace(PTRACE_TRACEME, 0, nullptr, nullptr) != 0) _exit(77);
    raise(SIGSTOP);
    _exit(join(path.c_str(), blueprint(), member, failure) ? 0 : 1);
  }
  int status = 0;
  waitpid(maker, &status, 0);
  if (WIFEXITED(status)) {
    MESSAGE("SKIPPED: no right to trace a child");
    return;
  }
  const auto one_stop = [&] {
    ptrace(PTRACE_SYSCALL, maker, nullptr, nullptr);
    waitpid(maker, &status, 0);
    REQUIRE(WIFSTOPPED(status));
  };
  while (files_in(directory) == 0) one_stop();
  const std::string working = std::filesystem::directory_iterator(directory.file(""))->path();
  REQUIRE(is_working_name(working.c_str()));
  // The one who tidies up has the locks at the moment when the maker asks for its own, then the file is gone.
  const int fd = open(working.c_str(), O_RDWR);
  REQUIRE(lock_all_slots(fd));
  one_stop();
  one_stop();
  REQUIRE(unlink(working.c_str()) == 0);
  close(fd);
  ptrace(PTRACE_CONT, maker, nullptr, nullptr);
  waitpid(maker, &status, 0);
  CHECK(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) == 0);
  CHECK(files_in(directory) == 1);
  CHECK(access(path.c_str(), F_OK) == 0);
}

TEST_CASE("a session whose limits were changed stays as long as a process may come back to it") {
  const Directory directory;
  const std::string path = directory.session(gone(), "1");
  const std::string next = directory.session(getpid(), "2");
  make(path);
  const std::uint32_t changed = 1;
  write_at(path, offsetof(Header, changed), &changed, sizeof changed);
  const std::uint64_t limit = 4096;
  write_at(path, offsetof(Layout, accounts) + offsetof(Account, limit), &limit, sizeof limit);
  {
    // Told by its environment, whatever it is called there; as at its exec.
    const std::string told = "VGPU_SESSION=/proc/self/root" + path;
    Child knows([&](const Child&) {
      const char* const words[] = {"sleep", "60", nullptr};
      const char* const environment[] = {"VGPU_SESSION_DEVICES=1", "A=VGPU_SESSION=/x", told.c_str(), "B=1", nullptr};
      execve("/bin/sleep", const_cast<char**>(words), const_cast<char**>(environment));
    });
    for (int i = 0; i < 1000 && !is_told_of(path.c_str()); ++i) usleep(1000);
    REQUIRE(is_told_of(path.c_str()));
    CHECK_FALSE(is_told_of((path + "0").c_str()));
    CHECK_FALSE(is_told_of(path.substr(0, path.size() - 1).c_str()));
    CHECK(is_kept_for_its_limits(path.c_str()));
    CHECK(remove_abandoned(next.c_str()) == 0);
    Member member;
    REQUIRE(hold(path, 8 * kUnit, member));  // that is what it may have
    CHECK_FALSE(member.books().reserve(0, member.slot, 1, member.layout->accounts[0].limit / kUnit));
    leave(member);
  }
  CHECK_FALSE(is_told_of(path.c_str()));
  // Its last processes were of another pid namespace: we cannot know.
  const std::uint64_t elsewhere = 12345;
  write_at(path, offsetof(Layout, slots) + offsetof(Slot, pid_namespace), &elsewhere, sizeof elsewhere);
  CHECK(remove_abandoned(next.c_str()) == 0);
  make(path);
  CHECK(remove_abandoned(next.c_str()) == 1);
}

TEST_CASE("nobody joins a session that is being removed") {
  const Directory directory;
  pid_t ended = fork();
  if (ended == 0) _exit(0);
  waitpid(ended, nullptr, 0);
  const std::string path = directory.session(ended, "1");
  const std::string other = directory.session(getpid(), "2");
  make(other);
  std::vector<std::unique_ptr<Child>> removers;
  for (int i = 0; i < 2; ++i) {
    removers.push_back(std::make_unique<Child>([&](const Child&) {
      for (;;) remove_abandoned(other.c_str());
    }));
  }
  std::vector<std::unique_ptr<Child>> joiners;
  for (int i = 0; i < 4; ++i) {
    joiners.push_back(std::make_unique<Child>([&](const Child& self) {
      bool good = true;
      for (int k = 0; good && k < 300; ++k) {
        Member member;
        good = hold(path, kUnit, member);
        for (int look = 0; good && look < 5; ++look) good = leads_to(path.c_str(), member.inode);
        if (good) good = member.books().give_back(0, member.slot, 1) == 1;
        if (good) leave(member);
      }
      self.tell(good ? 'g' : 'f');
    }));
  }
  for (const auto& joiner : joiners) CHECK(joiner->word() == 'g');
}
