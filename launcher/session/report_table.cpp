#include <algorithm>
#include <array>

#include "launcher/plan/characters.h"
#include "launcher/session/amount.h"
#include "launcher/session/report.h"

namespace vgpu::sessions {
namespace {

enum Column { session, user, device, pid, what, used, limit, kColumns };

struct Row {
  std::array<std::string, kColumns> cells;
  bool has_share = false;
  std::uint64_t part = 0;
  std::uint64_t whole = 0;  // 0: nothing may be used
};

constexpr std::size_t kShortestId = 8;
constexpr std::size_t kWidestBar = 20;
constexpr std::size_t kNarrowestBar = 5;
constexpr std::size_t kNarrowestName = 8;
constexpr std::size_t kShare = 6;  // "  100%", before the bar

// As many of the id's first characters as tell it from all others.
std::size_t length_of_ids(const Look& look) {
  std::vector<std::string> ids;
  for (const Session& one : look.sessions) ids.push_back(one.id);
  std::sort(ids.begin(), ids.end());
  std::size_t length = kShortestId;
  for (std::size_t i = 0; i + 1 < ids.size(); ++i) {
    const auto [a, b] = std::mismatch(ids[i].begin(), ids[i].end(), ids[i + 1].begin(), ids[i + 1].end());
    length = std::max(length, static_cast<std::size_t>(a - ids[i].begin()) + 1);
  }
  return length;
}

// The first `width` characters.
std::string cut(const std::string& text, std::size_t width) {
  std::size_t at = 0;
  for (std::size_t count = 0; at < text.size() && count < width; ++count) at += plan::character_at(text, at).bytes;
  return text.substr(0, at);
}

std::string padded(const std::string& text, std::size_t width, bool right) {
  const std::size_t have = plan::count_characters(text);
  if (have >= width) return cut(text, width);
  return right ? std::string(width - have, ' ') + text : text + std::string(width - have, ' ');
}

std::vector<Row> rows_of(const Look& look) {
  std::vector<Row> rows = {{.cells = {"SESSION", "USER", "DEVICE", "PID", "NAME", "USED", "LIMIT"}}};
  const std::size_t length = length_of_ids(look);
  for (const Session& one : look.sessions) {
    const std::string id = one.id.size() > length ? plan::escaped(one.id.substr(0, length)) : plan::escaped(one.id);
    const std::string user = plan::escaped(one.user);
    const Snapshot& seen = one.snapshot;
    for (std::size_t i = 0; i < seen.devices.size(); ++i) {
      const Device& device = seen.devices[i];
      const std::string index = std::to_string(device.number);
      rows.push_back(
          {.cells = {id, user, index, "-", plan::escaped(device.name), amount(device.used), amount(device.limit)},
           .has_share = true,
           .part = device.used,
           .whole = device.limit});
      for (const Resident& resident : seen.residents) {
        const bool anywhere = std::any_of(resident.used.begin(), resident.used.end(), [](auto n) { return n != 0; });
        if (resident.used[i] == 0 && (anywhere || i != 0)) continue;  // who has nothing at all stands once
        const std::string pid =
            resident.local_pid != 0 ? std::to_string(resident.local_pid) : "?" + std::to_string(resident.pid);
        rows.push_back(
            {.cells = {id, user, index, pid, resident.command.empty() ? "?" : plan::escaped(resident.command),
                       amount(resident.used[i]), "-"},
             .has_share = true,
             .part = resident.used[i],
             .whole = device.limit});
      }
    }
    if (one.state != State::live) {
      rows.push_back({.cells = {id, user, "-", one.launcher == 0 ? "-" : std::to_string(one.launcher),
                                one.state == State::idle ? "(no process has a device)" : "(abandoned)", "-", "-"}});
    }
  }
  return rows;
}

struct Widths {
  std::array<std::size_t, kColumns> cells = {};
  std::size_t bar = kWidestBar;
};

// What gives way, in this order: some of the bar, some of the names, the user, the bar, the names. Behind that lines
// are cut.
Widths fit(const std::vector<Row>& rows, std::size_t width) {
  Widths widths;
  for (const Row& row : rows) {
    for (std::size_t k = 0; k < kColumns; ++k) {
      widths.cells[k] = std::max(widths.cells[k], plan::count_characters(row.cells[k]));
    }
  }
  if (width == 0) return widths;
  const auto excess = [&] {
    std::size_t all = kShare;
    for (const std::size_t cell : widths.cells) all += cell == 0 ? 0 : cell + 2;
    if (widths.bar != 0) all += widths.bar + 3;
    return all - 2 > width ? all - 2 - width : 0;
  };
  const auto narrow = [&](std::size_t& from, std::size_t least) {
    if (from > least) from -= std::min(excess(), from - least);
  };
  narrow(widths.bar, kNarrowestBar);
  narrow(widths.cells[what], kNarrowestName);
  if (excess() != 0) widths.cells[user] = 0;
  if (excess() != 0) widths.bar = 0;
  narrow(widths.cells[what], 0);
  return widths;
}

std::string share(const Row& row) {
  if (!row.has_share) return {};
  if (row.whole == 0) return row.part == 0 ? "0%" : ">999%";
  const double percent = 100.0 * static_cast<double>(row.part) / static_cast<double>(row.whole);
  if (percent > 999) return ">999%";
  return std::to_string(static_cast<int>(percent)) + "%";
}

std::string bar(const Row& row, std::size_t width) {
  const double part = row.whole == 0 ? (row.part == 0 ? 0.0 : 1.0)
                                     : std::min(1.0, static_cast<double>(row.part) / static_cast<double>(row.whole));
  auto full = static_cast<std::size_t>(part * static_cast<double>(width));
  if (row.part != 0 && full == 0) full = 1;
  return "[" + std::string(full, '#') + std::string(width - full, '.') + "]";
}

const char* colour(const Row& row) {
  if (row.part > row.whole) return "\x1b[31m";
  return static_cast<double>(row.part) >= 0.9 * static_cast<double>(row.whole) ? "\x1b[33m" : "\x1b[32m";
}

std::string line(const Row& row, const Widths& widths, bool title, const TableStyle& style) {
  std::string text;
  for (std::size_t k = 0; k < kColumns; ++k) {
    if (widths.cells[k] == 0) continue;
    const bool right = k == device || k == pid || k == used || k == limit;
    text.append(text.empty() ? "" : "  ").append(padded(row.cells[k], widths.cells[k], right));
  }
  text.append(padded(title ? "USE" : share(row), kShare, true));
  std::string drawn = row.has_share && widths.bar != 0 ? bar(row, widths.bar) : "";
  // Behind the last letter nothing.
  if (drawn.empty()) text.erase(text.find_last_not_of(' ') + 1);
  if (style.width != 0) text = cut(text, style.width);
  if (style.colour && title) return "\x1b[1m" + text + "\x1b[0m\n";
  if (style.colour && !drawn.empty() && row.cells[pid] == "-") drawn = colour(row) + drawn + "\x1b[0m";
  return text + (drawn.empty() ? "" : " ") + drawn + "\n";
}

}  // namespace

std::string to_table(const Look& look, const TableStyle& style) {
  std::string text;
  const std::vector<Row> rows = rows_of(look);
  const Widths widths = fit(rows, style.width);
  for (std::size_t i = 0; i < rows.size(); ++i) text += line(rows[i], widths, i == 0, style);
  return text;
}

}  // namespace vgpu::sessions
