#include "launcher/ctl/helper.h"

#include <boost/process/args.hpp>
#include <boost/process/child.hpp>
#include <boost/process/error.hpp>
#include <boost/process/exe.hpp>
#include <boost/process/io.hpp>
#include <cstdio>
#include <memory>

namespace vgpu::ctl {

namespace process = boost::process;

std::optional<std::string> find_program(const os::Machine& machine, const std::string& name) {
  std::string path = "/usr/bin:/bin";
  for (const std::string& entry : machine.environment()) {
    if (entry.starts_with("PATH=")) path = entry.substr(5);
  }
  for (std::size_t begin = 0; begin <= path.size();) {
    const std::size_t end = std::min(path.find(':', begin), path.size());
    const std::string candidate = path.substr(begin, end - begin) + "/" + name;
    const auto status = machine.status(candidate);
    if (end != begin && status && status->kind == os::FileStatus::Kind::regular && machine.executable(candidate)) {
      return candidate;
    }
    begin = end + 1;
  }
  return std::nullopt;
}

std::optional<Said> ask(const std::string& program, const std::vector<std::string>& arguments) {
  // stderr goes into a file without a name: two pipes that are read one after the other could fill up.
  const std::unique_ptr<FILE, int (*)(FILE*)> errors(std::tmpfile(), &std::fclose);
  if (!errors) return std::nullopt;
  process::ipstream output;
  std::error_code failure;
  process::child child(process::exe = program, process::args = arguments,
                       process::std_in<process::null, process::std_out> output, process::std_err > errors.get(),
                       failure);
  if (failure) return std::nullopt;
  Said said;
  said.output.assign(std::istreambuf_iterator<char>(output), {});
  child.wait(failure);
  said.status = child.exit_code();
  std::rewind(errors.get());
  char line[512];
  while (std::fgets(line, sizeof line, errors.get()) != nullptr) {
    std::string text = line;
    while (text.ends_with('\n')) text.pop_back();
    if (!text.empty()) said.complaints.push_back(std::move(text));
  }
  if (!said.complaints.empty()) said.complaint = said.complaints.back();
  return said;
}

}  // namespace vgpu::ctl
