#include "launcher/verify/judgement.h"

#include <algorithm>

#include "launcher/plan/preload.h"
#include "launcher/verify/loaded.h"
#include "launcher/verify/rule.h"
#include "shims/contract.h"

namespace vgpu::verify {
namespace {

constexpr int kOurClass = 64;
constexpr char kSaysYes[] = "its environment says yes, its link map says no: ";

bool contains(const std::vector<std::string>& list, const std::string& item) {
  return std::find(list.begin(), list.end(), item) != list.end();
}

std::string names(const std::vector<std::string>& paths) {
  std::string text;
  for (const std::string& path : paths) text.append(text.empty() ? "" : " ").append(base_name(path));
  return text;
}

std::string who(const Observation& process) {
  return std::to_string(process.status.pid) + " (" + process.status.name + ")";
}

bool is_musl(const Observation& process) { return base_name(process.interpreter).starts_with("ld-musl"); }

class Judge {
 public:
  Judge(const os::Machine& machine, const Observation& process, const Parent& parent, const Expectation& plan)
      : machine_(machine), process_(process), parent_(parent) {
    expect(plan);
  }

  Judgement run() {
    if (process_.status.kernel_thread)
      return found(Finding::kernel_thread, "it is a kernel thread: no program runs in it");
    if (process_.status.ended())
      return found(Finding::ended, "it has ended, and its parent has not asked how (a zombie)");
    if (process_.gone) return found(Finding::ended, "it ended, or became another program, while it was read");
    switch (process_.source) {
      case Observation::Source::none: return found(Finding::no_rights, obstacle());
      case Observation::Source::maps: return by_maps();
      case Observation::Source::link_map: break;
    }
    switch (process_.map.state) {
      case os::LinkMap::State::not_ready: return found(Finding::not_ready, "its dynamic linker is still at work");
      case os::LinkMap::State::unreadable:
      case os::LinkMap::State::broken:
        return found(Finding::unreadable, "its link map cannot be read: " + process_.map.what);
      case os::LinkMap::State::no_linker:
      case os::LinkMap::State::complete: break;
    }
    return by_link_map();
  }

 private:
  Judgement found(Finding finding, std::string reason) {
    judgement_.finding = finding;
    judgement_.reason = std::move(reason);
    return std::move(judgement_);
  }

  std::string obstacle() const { return process_.obstacle.empty() ? "it cannot be read" : process_.obstacle; }

  void expect(const Expectation& plan) {
    const auto given = variable(process_, contract::kPreload);
    if (plan.demanded) {
      judgement_.expected = plan.libraries;
      if (given && plan::split_preload(*given) != plan.libraries) {
        judgement_.notes.push_back("it was started with other shims than those asked for: " +
                                   names(plan::split_preload(*given)));
      }
    } else if (given) {
      judgement_.expected = plan::split_preload(*given);
    } else if (parent_.judgement != nullptr && !parent_.judgement->expected.empty()) {
      judgement_.expected = parent_.judgement->expected;
    } else {
      judgement_.expected = plan.libraries;
    }
    if (const auto preload = variable(process_, "LD_PRELOAD")) {
      environment_ = plan::split_preload(*preload);
    }
    if (process_.environment) {
      judgement_.environment_says = !judgement_.expected.empty() &&
                                    std::all_of(judgement_.expected.begin(), judgement_.expected.end(),
                                                [&](const std::string& one) { return contains(environment_, one); });
    }
  }

  // Only which files have code mapped is known. A missing one is missing; the order stays unknown.
  Judgement by_maps() {
    for (const std::string& path : judgement_.expected) {
      (contains(process_.mapped, path) ? judgement_.carried : judgement_.missing).push_back(path);
    }
    if (judgement_.expected.empty()) return found(Finding::nothing_to_carry, "there are no shims for it to carry");
    if (judgement_.missing.empty()) {
      return found(Finding::order_unknown,
                   "every shim is mapped, but in which order they stand cannot be read: " + obstacle());
    }
    judgement_.notes.push_back("from the mapped files alone: its link map cannot be read, " + obstacle());
    return not_carried();
  }

  Judgement by_link_map() {
    if (judgement_.expected.empty()) return found(Finding::nothing_to_carry, "there are no shims for it to carry");
    loaded_ = find_loaded(machine_, process_, judgement_.expected);
    std::vector<std::size_t> places;
    for (const Loaded& one : loaded_) {
      if (one.place) {
        places.push_back(*one.place);
      } else {
        judgement_.missing.push_back(one.path);
      }
    }
    std::vector<const Loaded*> sorted;
    for (const Loaded& one : loaded_) {
      if (one.place) sorted.push_back(&one);
    }
    std::sort(sorted.begin(), sorted.end(), [](const Loaded* a, const Loaded* b) { return *a->place < *b->place; });
    for (const Loaded* one : sorted) judgement_.carried.push_back(one->path);
    judgement_.init_order = initialisation_order(process_, loaded_);
    note_what_stands_in_front(places);

    const std::vector<Rival> rivals = find_rivals(machine_, process_, loaded_);
    for (const Rival& rival : rivals) {
      if (judgement_.missing.empty() || judgement_.carried.empty()) break;
      if (rival.kind == Rival::Kind::instead) return found(Finding::foreign_won, sentence(rival));
    }
    if (!judgement_.missing.empty()) {
      for (const Rival& rival : rivals) judgement_.notes.push_back(sentence(rival));
      return not_carried();
    }
    // The worst first; the others are told as well.
    for (const Rival::Kind kind :
         {Rival::Kind::in_front, Rival::Kind::copy, Rival::Kind::name_space, Rival::Kind::behind}) {
      const auto worst = std::find_if(rivals.begin(), rivals.end(), [&](const Rival& r) { return r.kind == kind; });
      if (worst == rivals.end()) continue;
      for (const Rival& rival : rivals) {
        if (&rival != &*worst) judgement_.notes.push_back(sentence(rival));
      }
      const Finding finding = kind == Rival::Kind::in_front ? Finding::foreign_won
                              : kind == Rival::Kind::copy   ? Finding::double_load
                                                            : Finding::bypassed;
      return found(finding, sentence(*worst));
    }
    if (!std::is_sorted(places.begin(), places.end())) {
      return found(Finding::order, "the look-up order is " + names(judgement_.carried) + ", and should be " +
                                       names(judgement_.expected));
    }
    if (const std::string early = before_a_shim(places); !early.empty()) {
      return found(Finding::order, early + " stands in front of " + base_name(judgement_.carried.back()) +
                                       ", which was loaded later and not preloaded");
    }
    const std::size_t count = judgement_.carried.size();
    return found(Finding::carries,
                 "it carries " + std::string(count == 1 ? "the shim"
                                                        : "all " + std::to_string(count) +
                                                              " shims, in the order that was computed"));
  }

  // What the program itself needs comes behind what is preloaded. The C library is what everybody needs; where musl
  // puts its own is another matter.
  std::string before_a_shim(const std::vector<std::size_t>& places) const {
    if (is_musl(process_) || places.empty()) return {};
    for (std::size_t i = 0; i < places.back(); ++i) {
      if (process_.map.objects[i].soname == "libc.so.6") return "libc.so.6";
    }
    return {};
  }

  void note_what_stands_in_front(const std::vector<std::size_t>& places) {
    const auto& objects = process_.map.objects;
    const std::size_t first = places.empty() ? 0 : *std::min_element(places.begin(), places.end());
    const auto let = plan::split_preload(variable(process_, contract::kPreloadFirst).value_or(""));
    for (std::size_t i = 1; i < first; ++i) {
      if (objects[i].path.find('/') == std::string::npos || contains(let, objects[i].path)) continue;  // the vDSO
      judgement_.notes.push_back(objects[i].path + " stands in front of the shims and sees every call first");
    }
  }

  static std::string sentence(const Rival& rival) {
    const std::string shim = base_name(rival.shim);
    switch (rival.kind) {
      case Rival::Kind::in_front:
        return rival.path + " goes by " + rival.soname + " too and stands in front of " + shim + ": it won";
      case Rival::Kind::instead:
        return "the " + rival.soname + " in it is " + rival.path + ": it won, " + shim + " is not loaded";
      case Rival::Kind::behind:
        return "a second " + rival.soname + " is loaded, " + rival.path +
               ": an absolute path or RTLD_DEEPBIND goes past " + shim;
      case Rival::Kind::name_space:
        return rival.path + " is loaded as " + rival.soname +
               " in a name space of its own (dlmopen), which goes past " + shim;
      case Rival::Kind::copy:
        return shim + " is loaded twice, the second time as " + rival.path + ", and each has devices of its own";
    }
    return {};
  }

  // Some or all are missing: why?
  Judgement not_carried() {
    if (judgement_.carried.empty()) {
      if (const std::string rule = left_out(); !rule.empty())
        return found(Finding::left_out, rule + ": it was left out on purpose");
    }
    const bool promised = std::any_of(judgement_.missing.begin(), judgement_.missing.end(),
                                      [&](const std::string& one) { return contains(environment_, one); });
    const std::string opening = promised ? kSaysYes : "";
    if (process_.map.state == os::LinkMap::State::no_linker && process_.source == Observation::Source::link_map) {
      return found(Finding::static_program, opening + "it is statically linked, so no dynamic linker runs in it");
    }
    if (process_.auxiliary && process_.auxiliary->secure) {
      return found(Finding::secure, opening +
                                        "AT_SECURE is set (set-user-ID, set-group-ID or file capabilities), with which "
                                        "the dynamic linker ignores LD_PRELOAD");
    }
    if (process_.auxiliary && process_.auxiliary->elf_class != kOurClass) {
      return found(Finding::other_class, opening + "it is a 32-bit process, and the shims are 64-bit" + also_carried());
    }
    if (is_musl(process_)) {
      return found(Finding::other_libc,
                   opening + "it is a musl process, and the GPU shims need glibc" + also_carried());
    }
    if (promised) return environment_only();
    if (!judgement_.carried.empty())
      return found(Finding::missing, names(judgement_.missing) + " is missing" + also_carried());
    return without_promise();
  }

  std::string also_carried() const {
    if (!judgement_.carried.empty()) return "; it carries " + names(judgement_.carried);
    // A 32-bit libvgpu-exec is another file than the one that was asked for.
    for (const os::LinkedObject& object : process_.map.objects) {
      if (base_name(object.path).starts_with("libvgpu-")) return "; it carries " + object.path;
    }
    return {};
  }

  Judgement environment_only() {
    for (const std::string& path : judgement_.missing) {
      if (!contains(environment_, path) || file_of(machine_, process_.status.pid, path)) continue;
      return found(Finding::environment_only, kSaysYes + path + " is not there in its file system");
    }
    return found(Finding::environment_only,
                 kSaysYes + ("the dynamic linker did not load " + names(judgement_.missing) + also_carried()));
  }

  Judgement without_promise() {
    if (const auto given = variable(process_, contract::kPreload)) {
      if (plan::split_preload(*given) != judgement_.expected)
        return found(Finding::missing, names(judgement_.missing) + " is missing");
      return found(Finding::environment_cleaned,
                   "its LD_PRELOAD was taken out or replaced on the way, only VGPU_PRELOAD is left");
    }
    if (parent_.process == nullptr || parent_.judgement->finding == Finding::never_given) {
      return found(Finding::never_given,
                   "neither its environment nor its link map has a shim: nothing shows that vgpu-run started it");
    }
    const std::string parent = "its parent " + who(*parent_.process);
    if (parent_.judgement->finding == Finding::static_program) {
      return found(Finding::environment_cleaned,
                   "its environment was cleaned by " + parent + ", which is statically linked and carries nothing on");
    }
    if (parent_.judgement->carried.empty()) {
      return found(Finding::environment_cleaned, parent + " has no shims to hand on");
    }
    return found(Finding::environment_cleaned, "its environment was cleaned on the way from " + parent +
                                                   ", by an exec that went past libvgpu-exec and libvgpu-syscall");
  }

  // Why it was left out on purpose, "" when it was not.
  std::string left_out() const {
    if (variable(process_, contract::kExec) == "off") return text(propagate::Reason::switched_off);
    if (parent_.process == nullptr) return {};
    const auto by_ring = [&](const std::vector<RefusedChild>& ring) -> std::string {
      for (auto child = ring.rbegin(); child != ring.rend(); ++child) {
        const bool on_purpose = child->reason == propagate::Reason::rule_leave ||
                                child->reason == propagate::Reason::rule_hide ||
                                child->reason == propagate::Reason::switched_off;
        if (on_purpose && child->pid == process_.status.pid) return text(child->reason);
      }
      return {};
    };
    if (parent_.process->exec) {
      if (const std::string reason = by_ring(parent_.process->exec->refused); !reason.empty()) return reason;
    }
    if (parent_.process->syscall) {
      if (const std::string reason = by_ring(parent_.process->syscall->refused); !reason.empty()) return reason;
    }
    // What a child of fork wrote down went with its exec.
    const auto rules = variable(*parent_.process, contract::kChildren);
    return rules ? rule_text(*rules, process_.executable, process_.arguments) : std::string();
  }

  const os::Machine& machine_;
  const Observation& process_;
  const Parent& parent_;
  Judgement judgement_;
  std::vector<std::string> environment_;  // its LD_PRELOAD
  std::vector<Loaded> loaded_;
};

}  // namespace

Judgement judge(const os::Machine& machine, const Observation& process, const Parent& parent, const Expectation& plan) {
  return Judge(machine, process, parent, plan).run();
}

}  // namespace vgpu::verify
