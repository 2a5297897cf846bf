#include "launcher/ctl/print.h"

#include <cerrno>
#include <cstdio>
#include <cstring>

namespace vgpu::ctl {

using plan::Code;
using plan::ExitStatus;

plan::ExitStatus answer(const std::string& text, ExitStatus status) {
  if (std::fwrite(text.data(), 1, text.size(), stdout) == text.size() && std::fflush(stdout) == 0) return status;
  return fail({{.code = Code::internal,
                .where = "standard output",
                .cause = std::strerror(errno),
                .fix = "give it somewhere to write",
                .excerpt = {}}});
}

ExitStatus fail(const plan::Problems& problems) {
  for (const plan::Problem& problem : problems) std::fputs(to_text(problem, "vgpuctl").c_str(), stderr);
  return ExitStatus::own_failure;
}

ExitStatus fail_usage(const std::string& cause, const std::string& fix) {
  return fail({{.code = Code::usage, .where = "command line", .cause = cause, .fix = fix, .excerpt = {}}});
}

}  // namespace vgpu::ctl
