#include "tests/bench/report.h"

#include <gnu/libc-version.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <ctime>
#include <fstream>

namespace vgpu::bench {
namespace {

std::string cpu_model() {
  std::ifstream file("/proc/cpuinfo");
  for (std::string line; std::getline(file, line);) {
    const std::size_t colon = line.find(": ");
    if (line.starts_with("model name") && colon != std::string::npos) return line.substr(colon + 2);
  }
  return "unknown CPU";
}

// Code points, not bytes: "µ" and "×" are one column wide.
std::size_t width(const std::string& text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; }));
}

}  // namespace

std::string number(double value, int decimals) {
  char text[64];
  std::snprintf(text, sizeof text, "%.*f", decimals, value);
  return text;
}

void print_machine() {
  utsname name{};
  uname(&name);
  char date[32];
  const std::time_t now = std::time(nullptr);
  std::strftime(date, sizeof date, "%Y-%m-%d %H:%M UTC", std::gmtime(&now));
  std::printf("%s · %s, %ld cores · %s %s · glibc %s\n", date, cpu_model().c_str(), sysconf(_SC_NPROCESSORS_ONLN),
              name.sysname, name.release, gnu_get_libc_version());
}

void print_table(const std::string& title, const std::vector<std::vector<std::string>>& rows) {
  std::vector<std::size_t> widths(rows.at(0).size());
  for (const auto& row : rows)
    for (std::size_t i = 0; i < row.size(); ++i) widths.at(i) = std::max(widths[i], width(row[i]));
  std::printf("\n### %s\n\n", title.c_str());
  for (std::size_t line = 0; line < rows.size(); ++line) {
    for (std::size_t i = 0; i < rows[line].size(); ++i) {
      const std::string padding(widths[i] - width(rows[line][i]), ' ');
      // The first column is text, the others are figures.
      std::printf("| %s ", (i == 0 ? rows[line][i] + padding : padding + rows[line][i]).c_str());
    }
    std::printf("|\n");
    if (line != 0) continue;
    for (std::size_t i = 0; i < widths.size(); ++i)
      std::printf("|%s%s", std::string(widths[i] + 1, '-').c_str(), i == 0 ? "-" : ":");
    std::printf("|\n");
  }
}

void print_goal(const std::string& what, double measured, double limit, const std::string& unit) {
  if (std::isnan(measured)) {
    std::printf("not measured: %s\n", what.c_str());
    return;
  }
  const int decimals = unit == "×" || unit == "MB" ? 2 : 0;
  std::printf("%s: %s: %s %s, goal at most %s %s\n", measured <= limit ? "met" : "MISSED", what.c_str(),
              number(measured, decimals).c_str(), unit.c_str(), number(limit, decimals).c_str(), unit.c_str());
}

}  // namespace vgpu::bench
