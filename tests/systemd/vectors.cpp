// usage: vectors COUNT SEED DIRECTORY Writes DIRECTORY/quoted.service, COUNT random commands as our code writes them,
// and DIRECTORY/wrapped.service, the same behind a launcher; beside each the argument vectors that must come out, a
// line each, words in hexadecimal. round_trip.py asks systemd.
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <random>

#include "launcher/systemd/exec_line.h"

using namespace vgpu::systemd;

namespace {

class Vectors {
 public:
  explicit Vectors(unsigned seed) : random_(seed) {}

  std::size_t below(std::size_t limit) { return random_() % limit; }

  std::string word() {
    static const std::vector<std::string> nasty = {"",
                                                   ";",
                                                   "\\;",
                                                   "\\",
                                                   "\"",
                                                   "'",
                                                   " ",
                                                   "\t",
                                                   "\n",
                                                   "%",
                                                   "%%",
                                                   "%n",
                                                   "%2",
                                                   "$",
                                                   "$$",
                                                   "$A",
                                                   "${A}",
                                                   "$ A",
                                                   "#",
                                                   "#x",
                                                   "\\x41",
                                                   "\\q",
                                                   "a b",
                                                   "a\"b",
                                                   "it's",
                                                   "\xff",
                                                   "\xc3\xa9",
                                                   "\xe2\x82\xac",
                                                   "\xc3",
                                                   "\x7f",
                                                   "\x01",
                                                   "=",
                                                   "A=B",
                                                   "-",
                                                   "--",
                                                   "@x",
                                                   ":x",
                                                   "+x",
                                                   "!x",
                                                   "[x]",
                                                   "x\\",
                                                   "{",
                                                   "}",
                                                   "~",
                                                   "`a`",
                                                   "|",
                                                   "&",
                                                   "<>",
                                                   "\r",
                                                   "\v",
                                                   "\xf0\x9f\x98\x80",
                                                   "\xe2\x80\xa8"};
    std::string text;
    const std::size_t parts = below(5);
    for (std::size_t i = 0; i <= parts; ++i) {
      switch (below(4)) {
        case 0: text += static_cast<char>(1 + below(255)); break;
        case 1: text += static_cast<char>('a' + below(26)); break;
        default: text += nasty[below(nasty.size())];
      }
    }
    return below(12) == 0 ? nasty[below(nasty.size())] : text;
  }

 private:
  std::mt19937 random_;
};

std::string hexadecimal(const std::vector<std::string>& words) {
  std::string line;
  for (const std::string& word : words) {
    line += line.empty() ? "." : " .";  // an empty word is a point alone
    for (const char c : word) {
      char digits[3];
      std::snprintf(digits, sizeof digits, "%02x", static_cast<unsigned>(static_cast<unsigned char>(c)));
      line += digits;
    }
  }
  return line + "\n";
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) return 2;
  const std::string directory = argv[3];
  Vectors vectors(static_cast<unsigned>(std::atoi(argv[2])));
  std::ofstream quoted(directory + "/quoted.service"), wanted(directory + "/quoted.wanted");
  std::ofstream behind(directory + "/wrapped.service"), wanted_behind(directory + "/wrapped.wanted");
  quoted << "[Service]\nType=oneshot\n";
  behind << "[Service]\nType=oneshot\n";
  // systemd takes no program with a quote, a backslash or a control character in its path.
  static const std::vector<std::string> programs = {"/bin/true", "/opt/a b/c",    "/opt/pri$ce",
                                                    "/opt/100%", "/opt/\xc3\xa9", "/opt/$$"};
  static const std::vector<std::string> prefixes = {"", "", "", "-", ":", "+", "!", "@", "-@", "@:-", ":-", "!!"};
  const std::vector<std::string> launcher = {"/opt/v g%u$/vgpu-run", "--set", "A=100% $x\n"};
  const int count = std::atoi(argv[1]);
  for (int i = 0; i < count; ++i) {
    const std::string& program = programs[vectors.below(programs.size())];
    const std::string& prefix = prefixes[vectors.below(prefixes.size())];
    const bool expands = prefix.find(':') == std::string::npos;
    const Expanded how = expands ? Expanded::specifiers_and_variables : Expanded::specifiers;
    std::string line = quoted_unit_word(prefix + doubled(program, Expanded::specifiers));
    std::vector<std::string> words = {program};
    if (prefix.find('@') != std::string::npos) {
      words.front() = vectors.word() + "0";
      line.append(" ").append(unit_word(words.front(), how));
    }
    for (std::size_t n = vectors.below(6); n > 0; --n) {
      words.push_back(vectors.word());
      line.append(" ").append(unit_word(words.back(), how));
    }
    // What reaches the program: "$$" is "$" by then, but only systemd's dump of argv[0] keeps a path as it is.
    quoted << "ExecStart=" << line << "\n";
    wanted << (expands ? "$ " : ": ") << (prefix.find('@') != std::string::npos ? "a " : "p ") << hexadecimal(words);

    const ExecCommands parsed = parse_exec_line(line);
    if (!parsed.error.empty() || parsed.commands.size() != 1) {
      std::printf("our own parser refuses: %s (%s)\n", line.c_str(), parsed.error.c_str());
      return 1;
    }
    const ExecCommand& command = parsed.commands.front();
    behind << "ExecStart=" << wrapped(command, command.program, launcher) << "\n";
    std::vector<std::string> all = launcher;
    if (prefix.find('@') != std::string::npos) all.insert(all.end(), {"--argv0", words.front()});
    all.insert(all.end(), {"--", program});
    all.insert(all.end(), words.begin() + 1, words.end());
    wanted_behind << (expands ? "$ " : ": ") << "p " << hexadecimal(all);
  }
  return 0;
}
