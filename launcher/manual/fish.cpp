// Completion for fish: one file for each program, which fish loads when it is first typed.
#include <algorithm>

#include "launcher/manual/pages.h"

namespace vgpu::manual {
namespace {

constexpr char kNames[] = R"fish(
# What the vgpuctl beside the program that is being typed knows: names and what they are.
function @_names
    set -l program (commandline -opc)[1]
    set -l ctl vgpuctl
    if string match -q '*/*' -- $program
        set ctl (string replace -r '[^/]*$' vgpuctl -- $program | string replace -r '^~/' $HOME/)
    end
    command $ctl list $argv[1] 2>/dev/null
end

# Where the line is: sets the subcommands so far (place) and what stands behind them (rest), from the first word that is no
# option on. Whether a "--" was there: dashes.
function @_place --no-scope-shadowing
    set place
    set rest
    set dashes 0
    set -l words (commandline -opc) (commandline -ct)
    set -e words[1]
    while set -q words[2]
        set -l word $words[1]
        set -e words[1]
        if test "$word" = --
            set dashes 1
            set rest $words
            return
        else if contains -- $word $@_valued
            set -e words[1]
        else if string match -q -- '-*' $word
            continue
        else if contains -- (string join ' ' $place $word) $@_subcommands
            set -a place $word
        else
            set rest $word $words
            return
        end
    end
end

# Whether the line is at this subcommand, and its options may stand here.
function @_at
    set -l place
    set -l rest
    set -l dashes
    @_place
    test "$place" = "$argv[1]" -a $dashes = 0 -a (count $rest) = 0
end

# Whether the line is at a subcommand whose operands are a command.
function @_takes
    set -l place
    set -l rest
    set -l dashes
    @_place
    test "$place" = "$argv[1]"; or return
    test "$argv[2]" = first -o $dashes = 1
end

function @_command
    set -l place
    set -l rest
    set -l dashes
    @_place
    if set -q rest[1]
        __fish_complete_subcommand --commandline $rest
    else if not string match -q -- '-*' (commandline -ct); or test $dashes = 1
        __fish_complete_subcommand --commandline (commandline -ct)
    end
end
)fish";

std::string quoted(const std::string& text) {
  std::string result = "'";
  for (const char c : text) {
    if (c == '\'' || c == '\\') result += '\\';
    result += c;
  }
  return result + "'";
}

std::string offered(const std::string& offers, const std::string& prefix) {
  if (offers == "@device") return "'(__fish_complete_list , \"" + prefix + "_names devices\")'";
  if (offers == "@shim") return "'(__fish_complete_list , \"" + prefix + "_names shims\")'";
  if (offers == "@profile") return "'(" + prefix + "_names profiles)'";
  if (offers == "@unit") return "'(__fish_systemctl_services)'";
  if (offers == "@pid") return "'(__fish_complete_pids)'";
  return quoted(offers);
}

class Writer {
 public:
  explicit Writer(std::string program) : program_(std::move(program)), prefix_("__" + program_) {
    std::replace(prefix_.begin(), prefix_.end(), '-', '_');
  }

  std::string write(const Program& program) {
    collect(program);
    std::string text =
        "# Completion for fish. Generated from the tables that the command line is parsed by "
        "(launcher/manual).\n\n";
    text.append("set -g ").append(prefix_).append("_valued").append(valued_).append("\n");
    text.append("set -g ").append(prefix_).append("_subcommands").append(subcommands_).append("\n");
    for (const char c : std::string_view(kNames)) text.append(c == '@' ? prefix_ : std::string(1, c));
    text.append("\ncomplete -c ").append(program_).append(" -f\n");
    return text + lines(program);
  }

 private:
  static std::string place(const Program& program) {
    const std::string name = program.name(' ');
    return program.words.size() == 1 ? "" : name.substr(name.find(' ') + 1);
  }

  void collect(const Program& program) {
    for (const Option& option : program.options) {
      if (option.argument.empty()) continue;
      for (const std::string& name : option.names) {
        if ((valued_ + " ").find(" " + name + " ") == std::string::npos) valued_.append(" ").append(name);
      }
    }
    for (const Program& sub : program.subcommands) {
      subcommands_.append(" ").append(quoted(place(sub)));
      collect(sub);
    }
  }

  std::string condition(const std::string& function, const std::string& words) const {
    return " -n " + quoted(prefix_ + function + " " + words);
  }

  std::string lines(const Program& program) {
    const std::string start = "complete -c " + program_;
    const std::string here = condition("_at", "\"" + place(program) + "\"");
    std::string text;
    for (const Option& option : program.options) {
      text += start + here;
      for (const std::string& name : option.names)
        text.append(name.starts_with("--") ? " -l " + name.substr(2) : " -s " + name.substr(1));
      if (option.offers == "@file")
        text += " -r -F";
      else if (!option.argument.empty())
        text.append(" -x").append(option.offers.empty() ? "" : " -a " + offered(option.offers, prefix_));
      text.append(" -d ").append(quoted(option.help)).append("\n");
    }
    for (const Program& sub : program.subcommands) {
      text.append(start)
          .append(here)
          .append(" -x -a ")
          .append(sub.words.back())
          .append(" -d ")
          .append(quoted(sub.summary))
          .append("\n");
    }
    if (!program.operands.empty() && !program.operands.front().offers.empty()) {
      const std::string& offers = program.operands.front().offers;
      text.append(start)
          .append(here)
          .append(offers == "@file" ? " -F" : " -x -a " + offered(offers, prefix_))
          .append("\n");
    }
    if (program.takes != Takes::no_command) {
      const std::string how = program.takes == Takes::a_command ? " first" : " dashes";
      text.append(start)
          .append(condition("_takes", "\"" + place(program) + "\"" + how))
          .append(" -x -a '(")
          .append(prefix_)
          .append("_command)'\n");
    }
    for (const Program& sub : program.subcommands) text += lines(sub);
    return text;
  }

  std::string program_;
  std::string prefix_;
  std::string valued_;
  std::string subcommands_;
};

}  // namespace

std::string fish_completion(const Program& program) { return Writer(program.words.front()).write(program); }

}  // namespace vgpu::manual
