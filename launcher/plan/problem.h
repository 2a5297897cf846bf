// An error is a value: what is wrong (code, cause), where, and what to do. One place prints it (run/, ctl/).
#pragma once

#include <boost/system/result.hpp>
#include <string>
#include <vector>

#include "launcher/plan/codes.h"

namespace vgpu::plan {

// Where in a manifest a statement stands. `line` and `column` count from 1; 0: unknown.
struct Position {
  std::string file;
  std::string pointer;  // JSON pointer, RFC 6901: "/shims/2/before/0"
  unsigned line = 0;
  unsigned column = 0;

  bool operator==(const Position&) const = default;
};

// "FILE:LINE:COLUMN (POINTER)", shortened where parts are unknown.
std::string to_string(const Position& position);

enum class Severity { warning, error };

struct Problem {
  Code code;
  Severity severity = Severity::error;
  std::string where;    // a path, a position, an option; never empty
  std::string cause;    // one sentence, no full stop
  std::string fix;      // one imperative sentence, no full stop
  std::string excerpt;  // optional: the source line and a caret under the column, two lines
};

using Problems = std::vector<Problem>;

// A value, or at least one problem of severity `error`.
template <class T>
using Result = boost::system::result<T, Problems>;

// boost::system::result asks for this; reached only by value() on an error, which is a programming mistake here.
[[noreturn]] void throw_exception_from_error(const Problems& problems, const boost::source_location& location);

// The lines a person reads: "vgpu-run: CODE: where: cause", then "  fix: ..." and "  see: ...", the page of the code.
std::string to_text(const Problem& problem, const std::string& program);

}  // namespace vgpu::plan
