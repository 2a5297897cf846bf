#include <algorithm>
#include <cctype>

#include "launcher/manual/pages.h"
#include "launcher/manual/roff.h"

namespace vgpu::manual {
namespace {

std::string bold(const std::string& text) { return "\\fB" + roff(text) + "\\fR"; }
std::string italic(const std::string& text) { return "\\fI" + roff(text) + "\\fR"; }

std::string heading(const char* macro, const std::string& title) {
  return std::string(macro).append(" ").append(roff_argument(title)).append("\n");
}

std::string sentence(std::string text) {
  if (text.empty()) return text;
  if (!text.starts_with("vgpu"))
    text.front() = static_cast<char>(std::toupper(static_cast<unsigned char>(text.front())));
  if (text.back() != '.' && text.back() != '?') text += '.';
  return text;
}

std::string paragraph(const std::string& text, bool first) {
  if (text.starts_with(' ')) {
    std::string lines;
    for (std::size_t begin = 0; begin < text.size();) {  // each begins with a space
      const std::size_t end = std::min(text.find('\n', begin), text.size());
      lines.append(text, begin + 1, end - begin - 1).append("\n");
      begin = end + 1;
    }
    return roff_example(lines, first);
  }
  return std::string(first ? "" : ".PP\n").append(roff_filled(roff(text)));
}

std::string paragraphs(const std::vector<std::string>& all, bool first = true) {
  std::string text;
  for (const std::string& one : all) {
    text += paragraph(one, first);
    first = false;
  }
  return text;
}

std::string entry(const Option& option) {
  std::string text = ".TP\n";
  for (const std::string& name : option.names)
    text.append(&name == &option.names.front() ? "" : ", ").append(bold(name));
  if (!option.argument.empty()) text.append(" ").append(italic(option.argument));
  std::string help = roff(sentence(option.help));
  if (!option.variable.empty()) help.append(" Variable: ").append(bold(option.variable)).append(".");
  return text.append("\n").append(roff_filled(help));
}

// Options without a group first, then each group under its name.
std::string options(const std::vector<Option>& all, const char* macro) {
  std::string text;
  std::string group;
  for (const Option& option : all) {
    if (option.group.empty()) text += entry(option);
  }
  for (const Option& option : all) {
    if (option.group.empty()) continue;
    if (option.group != group) text += heading(macro, group = option.group);
    text += entry(option);
  }
  return text;
}

std::string operands(const std::vector<Operand>& all) {
  std::string text;
  for (const Operand& operand : all) {
    text.append(".TP\n").append(italic(operand.name)).append("\n").append(roff_filled(roff(sentence(operand.help))));
  }
  return text;
}

std::string synopsis(const Program& program) {
  return roff_filled(bold(program.name(' ')) + " " + roff(program.synopsis));
}

// A verb of a subcommand: a section of its page.
std::string verb(const Program& program) {
  std::string text = heading(".SH", program.words.back());
  text += synopsis(program) + paragraphs(program.description, false) + operands(program.operands) +
          options(program.options, ".SS");
  for (const Section& section : program.sections) {
    text += heading(".SS", section.title == "EXIT STATUS" ? "Exit status" : section.title) + paragraphs(section.text);
  }
  return text;
}

}  // namespace

std::string man_page(const Program& program, const Release& release) {
  std::string summary = program.summary;
  summary.front() = static_cast<char>(std::tolower(static_cast<unsigned char>(summary.front())));
  if (program.summary.starts_with("JSON")) summary = program.summary;
  std::string text = ".\\\" Generated from the tables that the command line is parsed by (launcher/manual).\n";
  text += roff_title(program.name('-'), 1, release.date, release.version);
  text += heading(".SH", "NAME") + roff_filled(roff(program.name('-')) + " \\- " + roff(summary));
  text += heading(".SH", "SYNOPSIS");
  const bool page_for_each = program.words.size() == 1;
  if (page_for_each || program.subcommands.empty())
    text += synopsis(program);
  else {
    for (const Program& sub : program.subcommands)
      text += synopsis(sub) + (&sub == &program.subcommands.back() ? "" : ".br\n");
  }
  text += heading(".SH", "DESCRIPTION") + paragraphs(program.description);
  if (page_for_each && !program.subcommands.empty()) {
    text += heading(".SH", "SUBCOMMANDS");
    for (const Program& sub : program.subcommands) {
      text.append(".TP\n")
          .append(bold(sub.words.back()))
          .append("\n")
          .append(roff_filled(roff(sentence(sub.summary)) + " See " + bold(sub.name('-')) + "(1)."));
    }
  }
  text += heading(".SH", "OPTIONS") + operands(program.operands) + options(program.options, ".SS");
  if (!page_for_each) {
    for (const Program& sub : program.subcommands) text += verb(sub);
  }
  for (const Section& section : program.sections) text += heading(".SH", section.title) + paragraphs(section.text);
  text += heading(".SH", "SEE ALSO");
  std::string also;
  for (const std::string& page : program.see_also) {
    if (page == program.name('-') + "(1)") continue;
    also.append(also.empty() ? "" : ", ")
        .append(bold(page.substr(0, page.size() - 3)))
        .append(page.substr(page.size() - 3));
  }
  return text + roff_filled(also);
}

}  // namespace vgpu::manual
