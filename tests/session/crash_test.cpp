// A process is killed behind every single instruction of an operation on the books, one after the other; each time the
// books must be exact at once, and nothing of the dead one may remain after a look.
#include <doctest/doctest.h>
#include <sys/ptrace.h>

#include <set>

#include "tests/session/scene.h"

namespace {

using namespace vgpu::session;
using namespace vgpu::session_test;

constexpr std::uint64_t kOwn = 8;     // units the victim has before the operation
constexpr std::uint64_t kOthers = 5;  // units of a living process
constexpr std::uint64_t kLimit = 100;

// AddressSanitizer makes ten instructions of one.
#ifdef __SANITIZE_ADDRESS__
constexpr int kStride = 13;
#else
constexpr int kStride = 1;
#endif

bool yes(unsigned, void*) { return true; }

enum class Operation { reserve, give_back, reclaim };

void operate(Operation operation, const Books& books, unsigned slot) {
  switch (operation) {
    case Operation::reserve: books.reserve(0, slot, 3, kLimit); break;
    case Operation::give_back: books.give_back(0, slot, 3); break;
    case Operation::reclaim: books.reclaim(0, 100, yes, nullptr); break;
  }
}

// A traced child that has joined and stands before the operation.
class Victim {
 public:
  Victim(const std::string& path, Operation operation) {
    pid_ = fork();
    if (pid_ == 0) {
      Member member;
      Failure failure = {};
      if (ptrace(PTRACE_TRACEME, 0, nullptr, nullptr) != 0) _exit(77);
      if (!join(path.c_str(), blueprint(), member, failure)) _exit(1);
      member.books().reserve(0, member.slot, kOwn, kLimit);
      // Slot 100 died with a charge, and its last operation is in the word only: the next operation has to help.
      member.books().reserve(0, 100, 7, kLimit);
      member.layout->slots[100].records[0] = {.low = 0, .high = member.layout->slots[100].records[0].high - 1};
      raise(SIGSTOP);
      operate(operation, member.books(), member.slot);
      raise(SIGSTOP);
      _exit(0);
    }
    waitpid(pid_, &status_, 0);
  }
  ~Victim() {
    if (pid_ <= 0) return;
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
  }

  bool standing() const { return WIFSTOPPED(status_) && WSTOPSIG(status_) == SIGSTOP; }
  bool cannot_be_traced() const { return WIFEXITED(status_) && WEXITSTATUS(status_) == 77; }
  // One instruction; false when the operation is over.
  bool step() {
    ptrace(PTRACE_SINGLESTEP, pid_, nullptr, nullptr);
    waitpid(pid_, &status_, 0);
    return WIFSTOPPED(status_) && WSTOPSIG(status_) == SIGTRAP;
  }
  void die() {
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
    pid_ = 0;
  }

 private:
  pid_t pid_ = 0;
  int status_ = 0;
};

void all_of(Operation operation, std::uint64_t total_after) {
  const Directory directory;
  std::set<std::uint64_t> totals;
  int steps = 0;
  for (bool more = true; more; steps += kStride) {
    const std::string path = directory.session(getpid(), std::to_string(steps));
    Member survivor;
    REQUIRE(hold(path, kOthers * kUnit, survivor));
    Victim victim(path, operation);
    if (victim.cannot_be_traced()) {
      MESSAGE("SKIPPED: no right to trace a child");
      leave(survivor);
      return;
    }
    REQUIRE(victim.standing());
    for (int i = 0; more && i < steps; ++i) more = victim.step();
    victim.die();
    INFO("killed behind instruction ", steps);
    const std::uint64_t total = survivor.books().total(0);
    totals.insert(total);
    bool undecided = true;
    REQUIRE(survivor.books().exact(0, kSlots, undecided));
    REQUIRE_FALSE(undecided);
    std::uint64_t sum = 0;
    for (unsigned slot = 0; slot <= 100; ++slot) sum += survivor.books().charged(0, slot);
    REQUIRE(sum == total);
    survivor.layout->header.top = 101;  // so that slot 100 is looked at
    REQUIRE(used(path) == kOthers * kUnit);
    REQUIRE(survivor.books().exact(0, kSlots, undecided));
    leave(survivor);
    unlink(path.c_str());
  }
  CHECK(steps > 30);
  // The operation happened between two of its instructions: only before and after were ever seen.
  CHECK(totals == std::set<std::uint64_t>{kOthers + kOwn + 7, total_after});
}

}  // namespace

TEST_CASE("killed behind every instruction of a reservation") { all_of(Operation::reserve, kOthers + kOwn + 7 + 3); }

TEST_CASE("killed behind every instruction of giving back") { all_of(Operation::give_back, kOthers + kOwn + 7 - 3); }

TEST_CASE("killed behind every instruction of reclaiming the dead") { all_of(Operation::reclaim, kOthers + kOwn); }
