// Words of unit files, files, commands: what systemd's own parser does with them was asked from it
// (tests/systemd/round_trip.py asks it again, with many more).
#include "launcher/systemd/unit_words.h"

#include <doctest/doctest.h>

#include "launcher/systemd/exec_line.h"
#include "launcher/systemd/unit_file.h"

using namespace vgpu::systemd;
using Strings = std::vector<std::string>;

namespace {

Strings values(std::string_view text) {
  Strings found;
  for (const UnitWord& word : split_unit_words(text).words) found.push_back(word.value);
  return found;
}

}  // namespace

TEST_CASE("quotes stand anywhere in a word, and go away") {
  CHECK(values(R"(ONE='one' "TWO='two two' too" THREE= a"b c"d)") ==
        Strings{"ONE=one", "TWO='two two' too", "THREE=", "ab cd"});
  CHECK(values("  \"\"  '' x ") == Strings{"", "", "x"});
  CHECK(values("").empty());
}

TEST_CASE("escapes are C's, and \\s") {
  CHECK(values(R"(\a\b\f\n\r\t\v\\\"\'\s\x41\101\u20ac\U0001f600)") ==
        Strings{"\a\b\f\n\r\t\v\\\"' AA\xe2\x82\xac\xf0\x9f\x98\x80"});
  for (const char* bad : {R"(\q)", R"(\x4)", R"(\x00)", R"(\400)", R"(\000)", R"(\ud800)", R"(\U00110000)"}) {
    CAPTURE(bad);
    const UnitWords words = split_unit_words(bad);
    REQUIRE(words.words.size() == 1);
    CHECK(words.words.front().bad_escape);
    CHECK(words.words.front().value == bad);
  }
}

TEST_CASE("what is left open is an error, with the words in front of it") {
  const UnitWords quote = split_unit_words("a \"b");
  CHECK(quote.words.size() == 1);
  CHECK(quote.error == "a quote (\") is never closed");
  CHECK(split_unit_words("a\\").error == "it ends with a backslash");
}

TEST_CASE("a written word is read as it was meant") {
  for (const std::string value : {"", ";", "a b", "it's", "\"", "\\", "\n\t\r", "\xff\xc3\xa9", "#", "plain-1.0/x"}) {
    CAPTURE(value);
    CHECK(values(quoted_unit_word(value)) == Strings{value});
  }
  CHECK(unit_word("100% $x", Expanded::specifiers_and_variables) == "\"100%% $$x\"");
  CHECK(unit_word("100%$x", Expanded::specifiers) == "100%%$x");
  CHECK(unit_word("100%$x", Expanded::variables) == "100%$$x");
  CHECK(unit_word("plain", Expanded::nothing) == "plain");
}

TEST_CASE("a percent sign that is no specifier is found") {
  CHECK(bad_specifier("%n %% %i") == std::string_view::npos);
  CHECK(bad_specifier("50%") == 2);
  CHECK(bad_specifier("%%%2") == 2);
}

TEST_CASE("a file: sections, continued lines, comments in them, and what systemd passes over") {
  const UnitFile file =
      parse_unit_file("u",
                      "\xef\xbb\xbf"
                      "Loose=1\n[Service]\n ; no\nA = b \\\n# in between\n  c\nB=\\\\\nnonsense\n[Open\n=x\nC=end\\");
  REQUIRE(file.assignments.size() == 4);
  CHECK(file.assignments[0].section.empty());
  CHECK(file.assignments[1].value == "b    c");
  CHECK(file.assignments[1].first_line == 4);
  CHECK(file.assignments[1].last_line == 6);
  CHECK(file.assignments[2].value == "\\\\");
  CHECK(file.assignments[3].value == "end");
  REQUIRE(file.strays.size() == 3);
  CHECK(file.strays[0].line == 8);
}

TEST_CASE("a command keeps prefixes, argv[0] and its arguments as written") {
  const ExecCommands line = parse_exec_line(R"(-@/bin/a "the name" $A "x  y" \; ; :b ";" ;)");
  CHECK(line.error.empty());
  REQUIRE(line.commands.size() == 2);
  CHECK(line.commands[0].prefixes == "-@");
  CHECK(line.commands[0].program == "/bin/a");
  CHECK(line.commands[0].argv0 == "\"the name\"");
  CHECK(line.commands[0].arguments_text == R"($A "x  y" \;)");
  CHECK(line.commands[0].arguments.back().value == ";");
  CHECK(line.commands[1].text == R"(:b ";")");
  CHECK(wrapped(line.commands[0], "/bin/a", {"/usr/bin/vgpu-run"}) ==
        R"(-/usr/bin/vgpu-run --argv0 "the name" -- /bin/a $A "x  y" \;)");
  CHECK(wrapped(line.commands[1], "/b$", {"/v r", "--set", "A=$"}) == R"(":/v r" --set A=$ --argv0 b -- /b$ ";")");
}

TEST_CASE("what systemd would not take as a command") {
  CHECK(parse_exec_line("- /bin/a").error == "there is no program behind the prefix -");
  CHECK(parse_exec_line("@/bin/a").error == "the prefix @ wants a second word, argv[0]");
  CHECK(parse_exec_line("/bin/a 'x").error == "a quote (') is never closed");
  CHECK(parse_exec_line("--/bin/a").commands.at(0).program == "-/bin/a");
  CHECK(parse_exec_line("!!+/bin/a").commands.at(0).prefixes == "!!");
}
