#include "launcher/ctl/trial.h"

#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <boost/process/args.hpp>
#include <boost/process/child.hpp>
#include <boost/process/error.hpp>
#include <boost/process/exe.hpp>
#include <boost/process/io.hpp>
#include <cstdio>
#include <set>
#include <thread>

namespace vgpu::ctl {
namespace {

namespace process = boost::process;
using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds kGrace{2000};

// What has to stay the same for the processes to be up.
std::string fingerprint(const verify::Report& report) {
  std::string text;
  for (const verify::Member& member : report.members) {
    text += std::to_string(member.process.status.pid) + " " + std::to_string(member.process.status.start) + " " +
            member.process.executable + " " + std::to_string(static_cast<int>(member.judgement.finding)) + "\n";
  }
  return text;
}

class Trial {
 public:
  Trial(const os::Machine& machine, const verify::Expectation& plan) : machine_(machine), plan_(plan) {}

  TrialResult run(const std::vector<std::string>& words, const TrialLimits& limits) {
    std::error_code failure;
    // Ends are asked for by running(): a SIGCHLD that somebody had ignored would take the status away.
    ::signal(SIGCHLD, SIG_DFL);
    ::prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
    process::child child(process::exe = words.front(),
                         process::args = std::vector<std::string>(words.begin() + 1, words.end()),
                         process::std_in<process::null, process::std_out> stderr, failure);
    if (failure) {
      result_.failure = failure.message();
      return std::move(result_);
    }
    const auto launcher = machine_.real_path(words.front());
    launcher_ = launcher ? *launcher : words.front();
    watch(child, limits);
    end(child);
    return std::move(result_);
  }

 private:
  void watch(process::child& child, const TrialLimits& limits) {
    const Clock::time_point begin = Clock::now();
    Clock::time_point changed = begin;
    std::string last;
    std::error_code ignored;
    for (;;) {
      const bool lives = child.running(ignored);
      if (!lives) {
        result_.ended = true;
        result_.status = child.exit_code();
        return;
      }
      look(child.id());
      const Clock::time_point now = Clock::now();
      if (std::string print = fingerprint(result_.report); print != last || !result_.started) {
        last = std::move(print);
        changed = now;
      }
      if (now - changed >= limits.quiet || now - begin >= limits.patience) return;
      // Short commands are over in a millisecond or two: the first looks follow each other closely.
      std::this_thread::sleep_for(now - begin < std::chrono::milliseconds(50) ? std::chrono::microseconds(200)
                                                                              : std::chrono::milliseconds(20));
    }
  }

  // Keeps the last look at the command that saw something.
  void look(int pid) {
    verify::Report report = verify::examine(machine_, pid, plan_);
    if (report.members.empty()) return;
    const verify::Member& root = report.members.front();
    if (root.process.gone || root.process.status.ended() || root.process.executable == launcher_) return;
    if (root.process.executable.empty() && root.process.source != verify::Observation::Source::none) return;
    if (root.judgement.finding == verify::Finding::not_ready && result_.started) return;
    result_.started = true;
    result_.report = std::move(report);
  }

  // What it left behind when it went on without its parent is ours as well (PR_SET_CHILD_SUBREAPER), and a child that
  // is made while we look is there the next time.
  void end(process::child& child) {
    const Clock::time_point until = Clock::now() + kGrace;
    std::set<int> asked;
    for (std::vector<os::ProcessStatus> left = living(); !left.empty(); left = living()) {
      const bool over = Clock::now() >= until;
      for (const os::ProcessStatus& one : left) {
        if (over || asked.insert(one.pid).second) ::kill(one.pid, over ? SIGKILL : SIGTERM);
      }
      if (Clock::now() >= until + kGrace) break;  // not ours to kill: it changed its user
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    std::error_code ignored;
    if (result_.ended) return;
    if (child.running(ignored)) child.detach();
  }

  std::vector<os::ProcessStatus> living() const {
    std::vector<os::ProcessStatus> all = verify::family(machine_, ::getpid());
    std::erase_if(all, [](const os::ProcessStatus& one) { return one.pid == ::getpid() || one.ended(); });
    return all;
  }

  const os::Machine& machine_;
  const verify::Expectation& plan_;
  TrialResult result_;
  std::string launcher_;
};

}  // namespace

TrialResult try_command(const os::Machine& machine, const std::vector<std::string>& words,
                        const verify::Expectation& plan, const TrialLimits& limits) {
  return Trial(machine, plan).run(words, limits);
}

}  // namespace vgpu::ctl
