#include "launcher/verify/report.h"

#include <algorithm>
#include <map>

#include "launcher/plan/characters.h"
#include "launcher/verify/loaded.h"

namespace vgpu::verify {
namespace {

std::string words(Verdict verdict) {
  switch (verdict) {
    case Verdict::holds: return "holds";
    case Verdict::does_not_hold: return "does not hold";
    case Verdict::cannot_tell: return "cannot tell";
  }
  return {};
}

std::string joined(const std::vector<std::string>& paths) {
  std::string text;
  for (const std::string& path : paths) text.append(text.empty() ? "" : " ").append(base_name(path));
  return text;
}

std::string version(int number) { return std::to_string(number / 1000) + "." + std::to_string(number % 1000 / 10); }

std::string saw(const CudaRecord& cuda) {
  if (cuda.inits == 0) return "it has not asked for a device yet";
  if (cuda.result != 0)
    return "cuInit answered " + std::to_string(cuda.result) + ", CUDA " + version(cuda.cuda_version);
  return "device count " + std::to_string(cuda.visible) + " of " + std::to_string(cuda.total) + ", CUDA " +
         version(cuda.cuda_version);
}

void row(std::string& text, const std::string& label, const std::string& what) {
  text += "    " + label + std::string(label.size() < 10 ? 10 - label.size() : 1, ' ') + plan::escaped(what) + "\n";
}

}  // namespace

Report examine(const os::Machine& machine, int pid, const Expectation& plan) {
  Report report;
  std::map<int, std::size_t> places;
  const std::vector<os::ProcessStatus> members = family(machine, pid);
  report.members.reserve(members.size());  // judgements are made with pointers to the parents
  for (const os::ProcessStatus& status : members) {
    Observation process = observe(machine, status);
    const bool is_root = report.members.empty();
    if (!is_root && (process.gone || process.status.ended())) {
      ++report.ended;
      continue;
    }
    Parent parent;
    std::optional<std::size_t> place;
    if (const auto found = places.find(status.parent); !is_root && found != places.end()) {
      place = found->second;
      parent = {&report.members[*place].process, &report.members[*place].judgement};
    }
    Judgement judgement = judge(machine, process, parent, plan);
    places[status.pid] = report.members.size();
    report.members.push_back({std::move(process), std::move(judgement), place});
  }
  return report;
}

Verdict verdict(const Report& report) {
  Verdict worst = report.members.empty() ? Verdict::cannot_tell : Verdict::holds;
  for (const Member& member : report.members) {
    const Verdict one = verdict(member.judgement.finding);
    if (one == Verdict::does_not_hold) return one;
    if (one == Verdict::cannot_tell) worst = one;
  }
  return worst;
}

void Report::add(Report other) {
  const std::size_t before = members.size();
  for (Member& member : other.members) {
    if (member.parent) *member.parent += before;
    members.push_back(std::move(member));
  }
  ended += other.ended;
  notes.insert(notes.end(), other.notes.begin(), other.notes.end());
}

std::string summary(const Report& report, Verdict whole) {
  const std::size_t all = report.members.size();
  const auto count = static_cast<std::size_t>(
      std::ranges::count_if(report.members, [&](const Member& m) { return verdict(m.judgement.finding) == whole; }));
  std::string text = words(whole) + ": ";
  if (all == 0) return text + (report.notes.empty() ? "there is no such process" : plan::escaped(report.notes.front()));
  if (all == 1) return text + plan::escaped(report.members.front().judgement.reason);
  text += whole == Verdict::holds ? "all " + std::to_string(all) : std::to_string(count) + " of " + std::to_string(all);
  text += " processes";
  if (report.ended != 0) text += "; " + std::to_string(report.ended) + " more ended meanwhile";
  return text;
}

std::string to_text(const Report& report, Verdict whole) {
  std::string text;
  std::string shown;  // the orders of the member before: most have the same
  for (const Member& member : report.members) {
    const Judgement& judgement = member.judgement;
    text += words(verdict(judgement.finding)) + ": " + std::to_string(member.process.status.pid) + " " +
            plan::escaped(member.process.status.name) + ": " + plan::escaped(judgement.reason) + "\n";
    const std::string orders = joined(judgement.carried) + "\n" + joined(judgement.init_order);
    if (!judgement.carried.empty() && orders != shown) {
      if (member.process.source == Observation::Source::link_map) {
        row(text, "look-up", joined(judgement.carried));
        row(text, "init", joined(judgement.init_order));
      } else {
        row(text, "mapped", joined(judgement.carried));
      }
      shown = orders;
    }
    if (member.process.cuda) row(text, "saw", saw(*member.process.cuda));
    if (member.process.syscall && member.process.syscall->state == "refused") {
      row(text, "note", "execs that go past libc are not seen: " + member.process.syscall->reason);
    }
    for (const std::string& note : judgement.notes) row(text, "note", note);
  }
  for (std::size_t i = report.members.empty() ? 1 : 0; i < report.notes.size();
       ++i) {  // the summary has the first one then
    text += "note: " + plan::escaped(report.notes[i]) + "\n";
  }
  return text + summary(report, whole) + "\n";
}

}  // namespace vgpu::verify
