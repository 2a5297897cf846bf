// Markdown on stdout: where and when, tables, and whether a goal was met.
#pragma once

#include <string>
#include <vector>

namespace vgpu::bench {

// "date · CPU, cores · kernel · libc", so that a pasted table says where it is from.
void print_machine();

// The first row is the head. Columns are padded so that the table also reads well in a terminal.
void print_table(const std::string& title, const std::vector<std::vector<std::string>>& rows);

// "met: WHAT (MEASURED, goal at most LIMIT)" or "MISSED: ...", or "not measured: WHAT" for a NaN.
void print_goal(const std::string& what, double measured, double limit, const std::string& unit);

std::string number(double value, int decimals);

}  // namespace vgpu::bench
