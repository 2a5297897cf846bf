#include "launcher/plan/characters.h"
#include "launcher/verify/loaded.h"
#include "launcher/verify/report.h"

namespace vgpu::verify {
namespace {

// "exec" for /usr/lib/vgpu/libvgpu-exec.so; somebody else's library keeps its name.
std::string short_name(const std::string& path) {
  constexpr std::string_view kBegin = "libvgpu-";
  constexpr std::string_view kEnd = ".so";
  std::string name = base_name(path);
  if (name.size() > kBegin.size() + kEnd.size() && name.starts_with(kBegin) && name.ends_with(kEnd)) {
    name = name.substr(kBegin.size(), name.size() - kBegin.size() - kEnd.size());
  }
  return name;
}

std::string carries(const Judgement& judgement) {
  std::string text;
  for (const std::string& path : judgement.carried) text.append(text.empty() ? "" : " ").append(short_name(path));
  return text.empty() ? "none" : text;
}

bool needs_reason(const Judgement& judgement) { return judgement.finding != Finding::carries; }

std::string title(const Observation& process) {
  return std::to_string(process.status.pid) + " " + plan::escaped(process.status.name);
}

std::string quoted(const std::string& text) {
  std::string result = "\"";
  for (const char c : plan::escaped(text)) {
    if (c == '"' || c == '\\') result += '\\';
    result += c;
  }
  return result + '"';
}

class Tree {
 public:
  explicit Tree(const Report& report) : report_(report), children_(report.members.size()) {
    for (std::size_t i = 0; i < report.members.size(); ++i) {
      if (const auto parent = report.members[i].parent) children_[*parent].push_back(i);
    }
  }

  std::string text() {
    // A stack of our own: a chain of processes can be as long as the kernel lets it.
    struct Step {
      std::size_t member;
      std::string first;  // in front of its line
      std::string rest;   // in front of its children's
    };
    std::string text;
    std::vector<Step> steps;
    for (std::size_t i = report_.members.size(); i-- > 0;) {
      if (!report_.members[i].parent) steps.push_back({i, "", ""});
    }
    while (!steps.empty()) {
      const Step step = steps.back();
      steps.pop_back();
      const Member& member = report_.members[step.member];
      text += step.first + title(member.process) + ": " + plan::escaped(carries(member.judgement));
      if (needs_reason(member.judgement)) text += " (" + plan::escaped(member.judgement.reason) + ")";
      text += "\n";
      const std::vector<std::size_t>& below = children_[step.member];
      for (std::size_t i = below.size(); i-- > 0;) {
        const bool last = i + 1 == below.size();
        steps.push_back({below[i], step.rest + (last ? "`-- " : "|-- "), step.rest + (last ? "    " : "|   ")});
      }
    }
    return text;
  }

 private:
  const Report& report_;
  std::vector<std::vector<std::size_t>> children_;
};

const char* colour(Verdict verdict) {
  switch (verdict) {
    case Verdict::holds: return "palegreen";
    case Verdict::does_not_hold: return "lightpink";
    case Verdict::cannot_tell: return "lightgrey";
  }
  return "white";
}

}  // namespace

std::string to_tree(const Report& report) { return Tree(report).text(); }

std::string to_dot(const Report& report) {
  std::string text = "digraph vgpu {\n  node [shape=box, style=filled, fontname=\"sans-serif\"];\n";
  for (const Member& member : report.members) {
    const std::string pid = std::to_string(member.process.status.pid);
    std::string label = quoted(title(member.process) + ": " + carries(member.judgement));
    if (needs_reason(member.judgement)) {
      label.pop_back();
      label += "\\n" + quoted(member.judgement.reason).substr(1);
    }
    text += "  " + pid + " [label=" + label + ", fillcolor=" + colour(verdict(member.judgement.finding)) + "];\n";
    if (member.parent) {
      text += "  " + std::to_string(report.members[*member.parent].process.status.pid) + " -> " + pid + ";\n";
    }
  }
  return text + "}\n";
}

}  // namespace vgpu::verify
