// What can be seen of a process, from its link map where we may read it: see docs/verify.md.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "launcher/os/auxiliary_vector.h"
#include "launcher/os/link_map.h"
#include "launcher/os/machine.h"
#include "launcher/os/process_files.h"
#include "launcher/verify/records.h"

namespace vgpu::verify {

struct Observation {
  enum class Source {
    none,      // nothing of it may be read, or there is nothing
    link_map,  // the dynamic linker's own list
    maps,      // the mapped files: what is loaded, but in no order
  };

  os::ProcessStatus status;
  bool gone = false;       // it ended, or became another program, while it was read
  std::string executable;  // /proc/PID/exe, "" where it cannot be read
  std::vector<std::string> arguments;
  std::optional<std::vector<std::string>> environment;  // as it was at the exec; nothing where it cannot be read
  std::optional<os::AuxiliaryVector> auxiliary;
  std::string interpreter;
  Source source = Source::none;
  std::string obstacle;             // why it is not the link map, a clause
  os::LinkMap map;                  // state complete: `objects` are right; no_linker: a static program
  std::vector<std::string> mapped;  // Source::maps
  std::optional<ExecRecord> exec;
  std::optional<SyscallRecord> syscall;
  std::optional<CudaRecord> cuda;
};

// `status`: what /proc/PID/stat said before. A process that changes while it is read is read again, a few times.
Observation observe(const os::Machine& machine, const os::ProcessStatus& status);

std::optional<os::ProcessStatus> process_status(const os::Machine& machine, int pid);

// The process and everything below it, parents in front of their children, each generation by pid. Empty: no such
// process.
std::vector<os::ProcessStatus> family(const os::Machine& machine, int pid);
// All processes of the machine, by pid.
std::vector<os::ProcessStatus> all_processes(const os::Machine& machine);

// A variable of its environment as it was at the exec: of several LD_PRELOAD the one that ld.so obeys.
std::optional<std::string> variable(const Observation& process, const std::string& name);

}  // namespace vgpu::verify
