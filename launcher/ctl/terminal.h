// A terminal that is drawn on again and again, and given back as it was.
#pragma once

#include <signal.h>
#include <termios.h>

#include <chrono>
#include <string>

namespace vgpu::ctl {

struct TerminalSize {
  std::size_t columns = 80;
  std::size_t lines = 24;
};

// Of the terminal that stdout is, else what COLUMNS and LINES say, else 80 by 24.
TerminalSize terminal_size();

// stdout is a terminal that understands more than lines: it is one, and TERM is neither unset nor "dumb".
bool is_drawable_terminal();

// While it lives the signals that end or stop us come through it, not behind its back: whatever way we go, the terminal
// has its cursor, its screen and its line discipline back before that. Only one that is killed by SIGKILL cannot do
// that.
class Terminal {
 public:
  Terminal();
  ~Terminal();
  Terminal(const Terminal&) = delete;
  Terminal& operator=(const Terminal&) = delete;

  // Puts `frame`, lines with a newline behind each, in the place of what is there; what does not fit is left out.
  // False: the terminal is gone.
  bool draw(const std::string& frame);

  enum class Event {
    timeout,
    redraw,  // another size, or back in the foreground
    quit,    // q, or the terminal is gone
    signal,  // end_by_signal() does what it says
  };
  Event wait(std::chrono::milliseconds patience);

  // Gives the terminal back and ends us by the signal that came, so that a shell sees why.
  [[noreturn]] void end_by_signal();

 private:
  void enter();
  void leave();
  void stop();
  Event read_signal();

  termios before_ = {};
  bool has_keys_ = false;
  bool entered_ = false;
  sigset_t mask_before_ = {};
  sigset_t mask_ = {};
  int signals_ = -1;
  int signal_ = 0;
};

}  // namespace vgpu::ctl
