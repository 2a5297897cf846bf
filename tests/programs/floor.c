// usage: floor COMMAND [ARG...]
// What a launcher cannot do without: set one variable, search PATH, exec. The benchmark measures vgpu-run
// against it.
#include <stdlib.h>
#include <unistd.h>

int main(int argc, char** argv) {
  if (argc < 2) return 125;
  setenv("FLOOR", "1", 1);
  execvp(argv[1], argv + 1);
  return 127;
}
