// vgpuctl limit SESSION [SIZE]: what a session may use of its devices, shown or changed while it runs.
#include "launcher/session/limit.h"

#include <CLI/CLI.hpp>
#include <cerrno>
#include <charconv>
#include <cstring>

#include "launcher/ctl/command.h"
#include "launcher/ctl/print.h"
#include "launcher/plan/characters.h"
#include "launcher/plan/session.h"
#include "launcher/session/amount.h"
#include "launcher/session/choice.h"
#include "launcher/session/report.h"
#include "shims/session/places.h"

namespace vgpu::ctl {
namespace {

using plan::ExitStatus;
using sessions::amount;
using sessions::Device;

plan::Problems problem(std::string where, std::string cause, std::string fix) {
  return {{.code = plan::Code::usage,
           .where = std::move(where),
           .cause = std::move(cause),
           .fix = std::move(fix),
           .excerpt = {}}};
}

// The entry of a list by ',' that is for device `index`: the n-th, or the last. The list is what plan::memory_limits
// made.
std::string entry(std::string list, std::size_t index) {
  for (; index > 0 && list.find(',') != std::string::npos; --index) list.erase(0, list.find(',') + 1);
  return list.substr(0, list.find(','));
}

std::uint64_t bytes(const std::string& entry, std::uint64_t memory) {
  std::uint64_t number = 0;
  std::from_chars(entry.data(), entry.data() + entry.size(), number);
  if (entry.ends_with('%')) number = memory / 100 * number + memory % 100 * number / 100;
  return number - number % session::kUnit;
}

// The same for a device that nobody knows yet.
std::uint64_t asked(const std::string& entry) {
  std::uint64_t number = 0;
  std::from_chars(entry.data(), entry.data() + entry.size(), number);
  return entry.ends_with('%') ? session::kPercent | number : number - number % session::kUnit;
}

const Device* find(const sessions::Snapshot& snapshot, int number) {
  for (const Device& device : snapshot.devices) {
    if (device.number == number) return &device;
  }
  return nullptr;
}

std::string title(const Device& device) {
  std::string text = "device " + std::to_string(device.number);
  return text.append(" (").append(plan::escaped(device.name)).append(")");
}

class Limit final : public Command {
 public:
  const char* name() const override { return "limit"; }
  const char* summary() const override {
    return "What a session may use of its devices: show it, or change it while it runs";
  }

  void add_options(CLI::App& app) override {
    app.add_option("SESSION", session_,
                   "The beginning of its id, a process in it, or the path of its file; see vgpuctl top")
        ->required();
    app.add_option("SIZE", size_,
                   "8GiB, 8G, 8GB (powers of 1000), bytes, 50% of the device; 8GiB,4GiB: one for each device");
    app.add_option("--device", device_, "Only this one of its devices")->type_name("INDEX|UUID");
    app.add_flag("--json", json_, "Print the session (vgpuctl schema sessions)");
    app.footer(
        "The next allocation of every process in the session obeys. A limit below what is used is no error: nothing is "
        "taken\n"
        "from anybody, free memory is 0, and nothing more is allocated until enough was freed.\n"
        "Exit status: 0 it is shown or set, 2 there is no such session, 125 vgpuctl itself failed. See "
        "docs/session.md.");
  }

  ExitStatus run(const os::Machine& machine, const std::vector<std::string>&) override {
    std::string list;
    if (!size_.empty()) {
      auto limits = plan::memory_limits(size_, "SIZE");
      if (!limits) return fail(limits.error());
      list = std::move(*limits);
    }
    const auto found = sessions::choose(machine, sessions::look_at_sessions(machine, false), session_);
    if (!found) {
      fail(found.error());
      return ExitStatus::cannot_tell;
    }
    const auto chosen = devices(found->snapshot);
    if (!chosen) return fail(chosen.error());
    if (size_.empty()) return show(*found, *chosen, nullptr);
    const auto limits = new_limits(found->snapshot, *chosen, list);
    if (!limits) return fail(limits.error());
    std::vector<std::uint64_t> all;
    for (std::size_t i = 0; device_.empty() && i < session::kDevices; ++i) all.push_back(asked(entry(list, i)));
    session::Failure failure = {};
    if (!sessions::set_limits(found->snapshot, *limits, all, failure)) return refused(found->snapshot.path, failure);
    sessions::Session after = *found;
    if (!sessions::look_at(machine, found->snapshot.path, after, failure))
      return refused(found->snapshot.path, failure);
    after.id = found->id;
    return show(after, *chosen, &found->snapshot);
  }

 private:
  // Numbers. --device is one of them, or the beginning of its UUID.
  plan::Result<std::vector<int>> devices(const sessions::Snapshot& snapshot) const {
    std::vector<int> chosen;
    for (const Device& device : snapshot.devices) {
      const bool by_uuid = device_.size() > 4 && device.uuid.starts_with(device_);
      if (device_.empty() || device_ == std::to_string(device.number) || by_uuid) chosen.push_back(device.number);
    }
    if (device_.empty() || chosen.size() == 1) return chosen;
    std::string numbers;
    for (const Device& device : snapshot.devices)
      numbers.append(numbers.empty() ? "" : ", ").append(std::to_string(device.number));
    return problem("--device " + plan::escaped(device_),
                   chosen.empty() ? "the session has no such device" : "more than one begins so",
                   numbers.empty() ? "no process has used a device yet"
                                   : "write the number of one of those that processes have seen (" + numbers +
                                         "), or a UUID of vgpuctl top --json");
  }

  plan::Result<std::vector<sessions::NewLimit>> new_limits(const sessions::Snapshot& snapshot,
                                                           const std::vector<int>& chosen,
                                                           const std::string& list) const {
    if (!device_.empty() && list.find(',') != std::string::npos) {
      return problem("SIZE " + plan::escaped(size_), "these are limits for several devices, and --device names one",
                     "write one");
    }
    std::vector<sessions::NewLimit> limits;
    for (const int number : chosen) {
      const Device& device = *find(snapshot, number);
      const std::uint64_t wanted =
          bytes(entry(list, device_.empty() ? static_cast<std::size_t>(device.number) : 0), device.memory);
      if (wanted > device.memory) {
        return problem("SIZE " + plan::escaped(size_),
                       title(device) + " has " + amount(device.memory) + " (" + std::to_string(device.memory) +
                           " bytes), less than " + amount(wanted),
                       "write at most that, or 100% for all of it");
      }
      if (wanted == 0) {
        return problem("SIZE " + plan::escaped(size_), "of " + title(device) + " that is less than 512 bytes",
                       "write more");
      }
      limits.push_back({device.number, wanted});
    }
    return limits;
  }

  ExitStatus refused(const std::string& path, const session::Failure& failure) const {
    const bool gone = failure.error == ENOENT || failure.error == 0;
    std::string cause = "the session's file ";
    cause.append(failure.what)
        .append(failure.error == 0 ? "" : ": ")
        .append(failure.error == 0 ? "" : std::strerror(failure.error));
    fail({{.code = plan::Code::session_unavailable,
           .where = plan::escaped(path),
           .cause = std::move(cause),
           .fix = gone ? "look again with vgpuctl top" : "do it as the user whose session it is, or as root",
           .excerpt = {}}});
    return gone ? ExitStatus::cannot_tell : ExitStatus::own_failure;
  }

  ExitStatus show(const sessions::Session& session, const std::vector<int>& chosen,
                  const sessions::Snapshot* before) const {
    if (json_) {
      sessions::Look look;
      look.sessions.push_back(session);
      return answer(sessions::to_json(look), ExitStatus::ok);
    }
    std::string text;
    for (const int number : chosen) {
      const Device* const found = find(session.snapshot, number);
      if (found == nullptr) continue;  // made anew between two looks
      const Device& device = *found;
      text.append(plan::escaped(session.id))
          .append(" ")
          .append(title(device))
          .append(": limit ")
          .append(amount(device.limit));
      if (before != nullptr) text.append(" (was ").append(amount(find(*before, number)->limit)).append(")");
      text.append(", the device has ").append(amount(device.memory)).append(", used ").append(amount(device.used));
      if (device.used > device.limit) {
        text.append(", ")
            .append(amount(device.used - device.limit))
            .append(" above it: nothing more is allocated until that is freed");
      }
      text += "\n";
    }
    return answer(text, ExitStatus::ok);
  }

  std::string session_;
  std::string size_;
  std::string device_;
  bool json_ = false;
};

}  // namespace

std::unique_ptr<Command> make_limit() { return std::make_unique<Limit>(); }

}  // namespace vgpu::ctl
