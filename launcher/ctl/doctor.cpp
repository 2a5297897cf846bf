// vgpuctl doctor [-- COMMAND...]: what is wrong on this machine, and for this command.
#include <CLI/CLI.hpp>

#include "launcher/ctl/command.h"
#include "launcher/ctl/print.h"
#include "launcher/doctor/catalogue.h"
#include "launcher/plan/characters.h"
#include "launcher/plan/suggest.h"

namespace vgpu::ctl {
namespace {

using plan::ExitStatus;

class Doctor final : public Command {
 public:
  const char* name() const override { return "doctor"; }
  const char* summary() const override { return "What is wrong on this machine, and for a command; what a failure means"; }
  bool takes_a_command() const override { return true; }

  void add_options(CLI::App& app) override {
    CLI::Option* explain = app.add_option("--explain", id_, "Print the page of a failure: docs/catalogue/ID.md")->type_name("ID");
    app.add_flag("--list", list_, "List every failure that has a page, worst first")->excludes(explain);
    app.footer("Exit status: 0 nothing is wrong, 1 something is, 2 it cannot be told, 125 vgpuctl itself failed. See docs/doctor.md.");
  }

  ExitStatus run(const os::Machine&, const std::vector<std::string>&) override {
    if (list_) return list();
    return explain();
  }

 private:
  ExitStatus explain() const {
    if (const doctor::Page* page = doctor::find_page(id_)) return answer(std::string(page->text), ExitStatus::ok);
    std::vector<std::string> known;
    for (const doctor::Page& page : doctor::pages()) known.emplace_back(page.id);
    const std::string guess = plan::suggest(id_, known);
    return fail_usage("there is no failure " + plan::escaped(id_), guess.empty() ? "see vgpuctl doctor --list" : "did you mean " + guess + "?");
  }

  static ExitStatus list() {
    std::string text;
    for (const doctor::Page& page : doctor::pages()) {
      text.append(page.id).append(std::max<std::size_t>(page.id.size(), 28) - page.id.size() + 2, ' ').append(page.summary()).append("\n");
    }
    return answer(text, ExitStatus::ok);
  }

  std::string id_;
  bool list_ = false;
};

}  // namespace

std::unique_ptr<Command> make_doctor() { return std::make_unique<Doctor>(); }

}  // namespace vgpu::ctl
