// One file of a unit, as systemd's parser takes it apart (systemd.syntax(7)): assignments with their lines, and the
// lines that it would ignore with nothing but a line in the journal.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace vgpu::systemd {

struct UnitAssignment {
  std::string section;  // empty: it stands before the first section, and is ignored
  std::string key;
  std::string value;        // continuation lines joined, white space around it taken away
  unsigned first_line = 0;  // from 1
  unsigned last_line = 0;
};

struct UnitFile {
  struct Stray {
    unsigned line = 0;
    std::string text;
    std::string cause;
  };
  std::string path;
  std::string text;
  std::vector<UnitAssignment> assignments;
  std::vector<Stray> strays;
};

UnitFile parse_unit_file(std::string path, std::string text);

// The lines of a text, without their line feeds.
std::vector<std::string> lines_of(std::string_view text);

// As systemd reads a boolean ("yes", "true", "on", "1"); false for all else.
bool is_yes(std::string_view value);

}  // namespace vgpu::systemd
