// Starts the tests of one instruction set, or says by its exit status that this processor cannot run them.
#include <unistd.h>

#include <cstdio>

extern "C" int ranvier_supported();

int main(int, char** arguments) {
  constexpr int skipped = 77;
  if (!ranvier_supported()) {
    std::puts("this processor lacks the instructions");
    return skipped;
  }
  execv(arguments[1], arguments + 1);
  return 1;
}
