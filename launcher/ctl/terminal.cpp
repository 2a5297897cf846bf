#include "launcher/ctl/terminal.h"

#include <poll.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstdlib>
#include <cstring>

namespace vgpu::ctl {
namespace {

// Alternate screen, no cursor, no wrapping at the right edge; and back. All of it is in xterm, the Linux console, tmux,
// screen.
constexpr char kEnter[] = "\x1b[?1049h\x1b[?25l\x1b[?7l";
constexpr char kLeave[] = "\x1b[?7h\x1b[?25h\x1b[?1049l";

bool write_all(const char* text, std::size_t size) {
  while (size > 0) {
    const ssize_t written = write(STDOUT_FILENO, text, size);
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return false;
    text += written;
    size -= static_cast<std::size_t>(written);
  }
  return true;
}

std::size_t variable(const char* name, std::size_t otherwise) {
  const char* const text = std::getenv(name);
  std::size_t number = 0;
  if (text == nullptr || std::from_chars(text, text + std::strlen(text), number).ec != std::errc{}) return otherwise;
  return number >= 1 && number <= 10000 ? number : otherwise;
}

}  // namespace

TerminalSize terminal_size() {
  winsize size = {};
  if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col != 0 && size.ws_row != 0)
    return {size.ws_col, size.ws_row};
  return {variable("COLUMNS", 80), variable("LINES", 24)};
}

bool is_drawable_terminal() {
  const char* const term = std::getenv("TERM");
  return isatty(STDOUT_FILENO) == 1 && term != nullptr && *term != '\0' && std::strcmp(term, "dumb") != 0;
}

Terminal::Terminal() {
  sigemptyset(&mask_);
  for (const int number : {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP, SIGWINCH}) sigaddset(&mask_, number);
  sigprocmask(SIG_BLOCK, &mask_, &mask_before_);
  signals_ = signalfd(-1, &mask_, SFD_CLOEXEC | SFD_NONBLOCK);
  enter();
}

Terminal::~Terminal() {
  leave();
  if (signals_ >= 0) close(signals_);
  sigprocmask(SIG_SETMASK, &mask_before_, nullptr);
}

void Terminal::enter() {
  has_keys_ = tcgetattr(STDIN_FILENO, &before_) == 0;
  if (has_keys_) {
    termios raw = before_;
    raw.c_lflag &= ~static_cast<tcflag_t>(ICANON | ECHO);  // ISIG stays: Ctrl-C is a signal
    raw.c_cc[VMIN] = 1;
    raw.c_cc[VTIME] = 0;
    tcsetattr(STDIN_FILENO, TCSANOW, &raw);
  }
  write_all(kEnter, sizeof kEnter - 1);
  entered_ = true;
}

void Terminal::leave() {
  if (!entered_) return;
  entered_ = false;
  write_all(kLeave, sizeof kLeave - 1);
  if (has_keys_) tcsetattr(STDIN_FILENO, TCSANOW, &before_);
}

bool Terminal::draw(const std::string& frame) {
  std::string text = "\x1b[H";
  const std::size_t most = terminal_size().lines;
  std::size_t line = 0;
  for (std::size_t begin = 0; begin < frame.size() && line < most; ++line) {
    const std::size_t end = std::min(frame.find('\n', begin), frame.size());
    // No newline behind the last line of the screen: it would scroll.
    text.append(line == 0 ? "" : "\r\n").append(frame, begin, end - begin).append("\x1b[K");
    begin = end + 1;
  }
  text.append("\x1b[J");
  return write_all(text.data(), text.size());
}

// Ctrl-Z.
void Terminal::stop() {
  leave();
  sigset_t one;
  sigemptyset(&one);
  sigaddset(&one, SIGTSTP);
  raise(SIGTSTP);
  sigprocmask(SIG_UNBLOCK, &one, nullptr);  // we stop here, until SIGCONT
  sigprocmask(SIG_BLOCK, &one, nullptr);
  enter();
}

Terminal::Event Terminal::read_signal() {
  signalfd_siginfo info = {};
  if (read(signals_, &info, sizeof info) != static_cast<ssize_t>(sizeof info)) return Event::timeout;
  signal_ = static_cast<int>(info.ssi_signo);
  if (signal_ == SIGTSTP) stop();
  return signal_ == SIGTSTP || signal_ == SIGWINCH ? Event::redraw : Event::signal;
}

Terminal::Event Terminal::wait(std::chrono::milliseconds patience) {
  const auto end = std::chrono::steady_clock::now() + patience;
  for (;;) {
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(end - std::chrono::steady_clock::now()).count();
    pollfd wanted[] = {{.fd = signals_, .events = POLLIN, .revents = 0},
                       {.fd = has_keys_ ? STDIN_FILENO : -1, .events = POLLIN, .revents = 0}};
    const int ready = poll(wanted, 2, static_cast<int>(left < 0 ? 0 : left));
    if (ready == 0) return Event::timeout;
    if (ready < 0 && errno != EINTR) return Event::quit;
    if (wanted[0].revents != 0) return read_signal();
    if (wanted[1].revents != 0) {
      char key = 0;
      const ssize_t got = read(STDIN_FILENO, &key, 1);
      if (got == 0 || (got < 0 && errno != EINTR && errno != EAGAIN) || key == 'q' || key == 'Q') return Event::quit;
    }
  }
}

void Terminal::end_by_signal() {
  leave();
  ::signal(signal_, SIG_DFL);
  raise(signal_);
  sigprocmask(SIG_SETMASK, &mask_before_, nullptr);  // it comes now
  _exit(128 + signal_);
}

}  // namespace vgpu::ctl
