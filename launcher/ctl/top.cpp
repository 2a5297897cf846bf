// vgpuctl top: who uses how much of which device, in which session.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdlib>
#include <ctime>

#include "launcher/ctl/command.h"
#include "launcher/ctl/print.h"
#include "launcher/ctl/terminal.h"
#include "launcher/plan/characters.h"
#include "launcher/session/choice.h"
#include "launcher/session/report.h"

namespace vgpu::ctl {
namespace {

using plan::ExitStatus;
using sessions::Look;

constexpr std::size_t kMostComplaints = 5;

std::string counted(std::size_t count, const char* one, const char* many) {
  return std::to_string(count) + " " + (count == 1 ? one : many);
}

std::string time_of_day() {
  const std::time_t now = std::time(nullptr);
  std::tm parts = {};
  char text[16] = "";
  if (localtime_r(&now, &parts) != nullptr) std::strftime(text, sizeof text, "%H:%M:%S", &parts);
  return text;
}

std::string complaints(const Look& look) {
  std::string text;
  for (std::size_t i = 0; i < look.unreadable.size() && i < kMostComplaints; ++i) {
    text.append("not shown: ")
        .append(plan::escaped(look.unreadable[i].path))
        .append(" ")
        .append(look.unreadable[i].reason)
        .append("\n");
  }
  if (look.unreadable.size() > kMostComplaints) {
    text.append("not shown: ").append(std::to_string(look.unreadable.size() - kMostComplaints)).append(" more\n");
  }
  return text;
}

bool wants_colour() {
  const char* const no = std::getenv("NO_COLOR");
  return is_drawable_terminal() && (no == nullptr || *no == '\0');
}

class Top final : public Command {
 public:
  const char* name() const override { return "top"; }
  const char* summary() const override { return "Sessions, their devices and processes, and what they use"; }

  void add_options(CLI::App& app) override {
    app.add_option("--session", chosen_,
                   "Only this one: the beginning of its id, a process in it, or the path of its file; repeatable")
        ->type_name("SESSION");
    app.add_option("--interval", interval_, "Look again so often, 2 if not given; on a terminal only")
        ->type_name("SECONDS")
        ->check(CLI::Range(0.1, 3600.0));
    app.add_flag("--once", once_, "Look once, also on a terminal");
    auto* format = app.add_option("--format", format_, "text, json (vgpuctl schema sessions) or prometheus")
                       ->check(CLI::IsMember({"text", "json", "prometheus"}));
    app.add_flag_callback(
           "--json", [this] { format_ = "json"; }, "The same as --format json (vgpuctl schema sessions)")
        ->excludes(format);
    app.footer(
        "On a terminal it looks again and again, until q or Ctrl-C; elsewhere once. Your sessions in which nobody "
        "lives and\n"
        "to which nobody can come back are removed in passing.\n"
        "Exit status: 0 it is shown, also when there is no session; 2 there is no such session; 125 vgpuctl itself "
        "failed.\n"
        "See docs/session.md.");
  }

  ExitStatus run(const os::Machine& machine, const std::vector<std::string>&) override {
    plan::Result<Look> look = look_at(machine);
    if (!look) {
      fail(look.error());
      return ExitStatus::cannot_tell;
    }
    if (format_ == "json") return answer(sessions::to_json(*look), ExitStatus::ok);
    if (format_ == "prometheus") return answer(sessions::to_metrics(*look), ExitStatus::ok);
    if (!once_ && is_drawable_terminal()) return keep_looking(machine, std::move(*look));
    const std::size_t width = is_drawable_terminal() ? terminal_size().columns : 0;
    return answer(table(*look, {.width = width, .colour = wants_colour()}), ExitStatus::ok);
  }

 private:
  plan::Result<Look> look_at(const os::Machine& machine) const {
    Look all = sessions::look_at_sessions(machine, true);
    if (chosen_.empty()) return all;
    Look look;
    for (const std::string& word : chosen_) {
      auto session = sessions::choose(machine, all, word);
      if (!session) return session.error();
      const auto same = [&](const sessions::Session& one) { return one.snapshot.inode == session->snapshot.inode; };
      if (std::none_of(look.sessions.begin(), look.sessions.end(), same)) look.sessions.push_back(std::move(*session));
    }
    return look;
  }

  std::string table(const Look& look, const sessions::TableStyle& style) const {
    if (!look.sessions.empty()) return sessions::to_table(look, style) + complaints(look);
    return "no session: vgpu-run --memory SIZE makes one, as soon as a process uses a device\n" + complaints(look);
  }

  std::string frame(const Look& look, const TerminalSize& size) const {
    std::size_t processes = 0;
    for (const sessions::Session& one : look.sessions) processes += one.snapshot.residents.size();
    std::string text = "vgpuctl top  " + time_of_day() + "  " + counted(look.sessions.size(), "session", "sessions") +
                       ", " + counted(processes, "process", "processes") + "  (q quits)";
    text = text.substr(0, size.columns) + "\n";
    text += table(look, {.width = size.columns, .colour = wants_colour()});
    const auto lines = static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
    if (lines <= size.lines || size.lines < 3) return text;
    std::size_t end = 0;
    for (std::size_t i = 0; i + 1 < size.lines; ++i) end = text.find('\n', end) + 1;
    return text.substr(0, end) + "... " + std::to_string(lines - size.lines + 1) + " more lines: vgpuctl top --once\n";
  }

  ExitStatus keep_looking(const os::Machine& machine, Look look) const {
    const std::chrono::milliseconds patience(static_cast<int>(interval_ * 1000));
    Terminal terminal;
    for (;;) {
      if (!terminal.draw(frame(look, terminal_size()))) return ExitStatus::own_failure;
      switch (terminal.wait(patience)) {
        case Terminal::Event::quit: return ExitStatus::ok;
        case Terminal::Event::signal: terminal.end_by_signal();
        case Terminal::Event::redraw: break;
        case Terminal::Event::timeout:
          // What was asked for may be gone: then there is nothing to see.
          if (auto next = look_at(machine)) {
            look = std::move(*next);
          } else {
            look = {};
          }
      }
    }
  }

  std::vector<std::string> chosen_;
  double interval_ = 2;
  bool once_ = false;
  std::string format_ = "text";
};

}  // namespace

std::unique_ptr<Command> make_top() { return std::make_unique<Top>(); }

}  // namespace vgpu::ctl
