#include "check.h"

#include <signal.h>
#include <sys/wait.h>

#include <chrono>
#include <cstdlib>

namespace ranvier::test {
namespace {

constexpr unsigned kPatience = RV_SANITIZED ? 240 : 60;  // seconds that a started process may take

Case* first = nullptr;
const char* running = "";
const char* executable = "";
int failures = 0;

#if !RV_SANITIZED
// A touched guard page ends the process: say in which test.
void ended(int number) {
  const char text[] = "FAILED, memory that is not its own, in ";
  static_cast<void>(!write(2, text, sizeof text - 1));
  static_cast<void>(!write(2, running, std::strlen(running)));
  static_cast<void>(!write(2, "\n", 1));
  _exit(128 + number);
}
#endif

int status_of(pid_t child) {
  int status = 0;
  if (child < 0 || waitpid(child, &status, 0) != child) return 255;
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

bool run(Case& test) {
  running = test.name;
  const int before = failures;
  try {
    test.body();
  } catch (const std::exception& error) {
    failed(test.name, 0, error.what());
  }
  return failures == before;
}

}  // namespace

Case::Case(const char* name, void (*body)(), bool program) : name(name), body(body), program(program), next(first) {
  first = this;
}

void failed(const char* file, int line, const char* what) {
  ++failures;
  std::fprintf(stderr, "FAILED %s:%d in %s: %s\n", file, line, running, what);
}

int run_program(const char* name, const char* setting) {
  const pid_t child = fork();
  if (child == 0) {
    alarm(kPatience);
    if (setting != nullptr) putenv(const_cast<char*>(setting));
    execl(executable, executable, name, nullptr);
    _exit(255);
  }
  return status_of(child);
}

int run_forked(void (*body)()) {
  const pid_t child = fork();
  if (child == 0) {
    alarm(kPatience);
    failures = 0;
    body();
    _exit(failures == 0 ? 0 : 1);
  }
  return status_of(child);
}

}  // namespace ranvier::test

// Runs every test, or the tests and programs that are named.
int main(int count, char** arguments) {
  using namespace ranvier::test;
  executable = arguments[0];
#if !RV_SANITIZED
  signal(SIGSEGV, ended);
  signal(SIGBUS, ended);
#endif
  int ran = 0;
  for (Case* test = first; test != nullptr; test = test->next) {
    bool named = count == 1 && !test->program;
    for (int i = 1; i < count; ++i) named = named || std::strcmp(arguments[i], test->name) == 0;
    if (!named) continue;
    const auto start = std::chrono::steady_clock::now();
    const bool passed = run(*test);
    const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
    if (!test->program)
      std::printf("%s %s (%.1f s)\n", passed ? "passed" : "FAILED", test->name, seconds.count()), std::fflush(stdout);
    ++ran;
  }
  if (ran == 0) std::fprintf(stderr, "no such test\n");
  return ran > 0 && failures == 0 ? 0 : 1;
}
