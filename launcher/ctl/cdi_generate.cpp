// vgpuctl cdi generate: the specification of this machine's virtual devices.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <cstring>

#include "launcher/cdi/spec.h"
#include "launcher/ctl/cdi.h"
#include "launcher/ctl/print.h"
#include "launcher/os/replace_file.h"

namespace vgpu::ctl {
namespace {

using plan::ExitStatus;

class Generate final : public Verb {
 public:
  const char* name() const override { return "generate"; }
  const char* summary() const override { return "Print or write the specification of this machine's virtual devices"; }

  void add_options(CLI::App& app) override {
    app.add_option("--output,-o", file_,
                   std::string("Write it there, mode 0644, instead of printing it: ").append(kCdiFile))
        ->type_name("FILE");
    options_.add_to(app);
    app.footer("Exit status: 0 it is made, 125 it cannot be.");
  }

  ExitStatus run(const os::Machine& machine) override {
    const auto made = cdi::make_spec(machine, options_.options(machine));
    if (!made) return fail(made.error());
    for (const plan::Problem& problem : made->warnings) std::fputs(to_text(problem, "vgpuctl").c_str(), stderr);
    const std::string text = to_json(made->spec);
    if (file_.empty() || file_ == "-") return answer(text, ExitStatus::ok);
    if (const auto error = os::replace_file(file_, text, 0644)) {
      const bool rights = error->value == EACCES || error->value == EPERM;
      return fail({{.code = plan::Code::internal,
                    .where = error->call,
                    .cause = std::strerror(error->value),
                    .fix = rights ? "run it as root" : "make it possible, and try again",
                    .excerpt = {}}});
    }
    return ExitStatus::ok;
  }

 private:
  std::string file_;
  CdiOptions options_;
};

}  // namespace

std::unique_ptr<Verb> make_cdi_generate() { return std::make_unique<Generate>(); }

}  // namespace vgpu::ctl
