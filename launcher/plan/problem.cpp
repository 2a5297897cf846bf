#include "launcher/plan/problem.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include "launcher/plan/characters.h"

namespace vgpu::plan {

// Appended piece by piece: gcc 12 takes `"literal" + std::string&&` for an overlapping copy (its bug 105651).
std::string to_string(const Position& position) {
  std::string text = position.file;
  if (position.line != 0) {
    text.append(":").append(std::to_string(position.line));
    if (position.column != 0) text.append(":").append(std::to_string(position.column));
  }
  if (!position.pointer.empty()) text.append(text.empty() ? "(" : " (").append(position.pointer).append(")");
  return text;
}

void throw_exception_from_error(const Problems& problems, const boost::source_location& location) {
  std::fprintf(stderr, "vgpu: internal error: value() of a failed result at %s:%u (%s)\n", location.file_name(),
               static_cast<unsigned>(location.line()), problems.empty() ? "" : problems.front().cause.c_str());
  std::abort();
}

// Paths, names and manifest text come from outside: what would drive the terminal is written out.
std::string to_text(const Problem& problem, const std::string& program) {
  std::string text = program;
  text.append(problem.severity == Severity::warning ? ": warning: " : ": ");
  text.append(name(problem.code)).append(": ").append(escaped(problem.where));
  text.append(": ").append(escaped(problem.cause)).append("\n");
  for (std::size_t at = 0; at < problem.excerpt.size();) {
    const std::size_t end = std::min(problem.excerpt.find('\n', at), problem.excerpt.size());
    text.append("  ").append(escaped(problem.excerpt.substr(at, end - at))).append("\n");
    at = end + 1;
  }
  if (!problem.fix.empty()) text.append("  fix: ").append(escaped(problem.fix)).append("\n");
  return text.append("  see: vgpuctl doctor --explain ").append(name(problem.code)).append("\n");
}

}  // namespace vgpu::plan
