#include "launcher/os/machine.h"

#include <system_error>

namespace vgpu::os {

void throw_exception_from_error(const Errno& error, const boost::source_location&) {
  throw std::system_error(error.value, std::generic_category(), error.call);
}

}  // namespace vgpu::os
