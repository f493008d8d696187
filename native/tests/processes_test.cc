// What happens to the kernels' threads when processes begin and end.
#include <sched.h>
#include <sys/resource.h>

#include <array>
#include <atomic>
#include <cstdlib>
#include <thread>

#include "../src/threads.h"
#include "check.h"

namespace ranvier::test {
namespace {

// Without memory from the heap: the address sanitizer's may be locked for ever in a child forked meanwhile.
bool sums_up() {
  std::array<Index, 50> made{};
  parallel(50, [&](Index i) { made[static_cast<std::size_t>(i)] = i; });
  Index total = 0;
  for (const Index value : made) total += value;
  return total == 49 * 25;
}

[[maybe_unused]] void work_in_a_child() {
  for (int i = 0; i < 100; ++i) CHECK(sums_up());
}

#if RV_FORKS
TEST(a_forked_child_computes) {
  CHECK(run_forked(work_in_a_child) == 0);
  CHECK(sums_up() && run_forked(work_in_a_child) == 0);
  CHECK(run_forked([] { CHECK(sums_up() && run_forked(work_in_a_child) == 0); }) == 0);
  CHECK(sums_up());
}

TEST(children_forked_while_jobs_run_compute) {
  std::atomic<bool> enough{false};
  std::thread busy([&] {
    while (!enough) CHECK(sums_up());
  });
  for (int i = 0; i < (RV_SANITIZED ? 5 : 50); ++i) CHECK(run_forked(work_in_a_child) == 0);
  enough = true;
  busy.join();
}

PROGRAM(fork_before_any_job) {
  CHECK(run_forked(work_in_a_child) == 0);
  CHECK(sums_up());
}
TEST(a_child_forked_before_any_job_computes) { CHECK(run_program("fork_before_any_job") == 0); }

#if !RV_SANITIZED  // making threads takes memory from the heap, see above
PROGRAM(fork_from_a_thread_while_others_start) {
  std::thread other([] { CHECK(sums_up()); });
  CHECK(run_forked(work_in_a_child) == 0);
  other.join();
}
TEST(children_forked_while_the_threads_are_made_compute) {
  for (int i = 0; i < 30; ++i) CHECK(run_program("fork_from_a_thread_while_others_start") == 0);
}
#endif
#endif

void keep_busy() {
  static std::atomic<bool> started{false};
  std::thread([] {
    for (;;) {
      sums_up();
      started = true;
    }
  }).detach();
  while (!started) std::this_thread::yield();
}

PROGRAM(exit_while_a_job_runs) {
  keep_busy();
  std::exit(0);
}
PROGRAM(return_while_a_job_runs) { keep_busy(); }
TEST(a_process_may_end_while_a_job_runs) {
  for (int i = 0; i < (RV_SANITIZED ? 3 : 20); ++i) {
    CHECK(run_program("exit_while_a_job_runs") == 0);
    CHECK(run_program("return_while_a_job_runs") == 0);
  }
}

template <int Expected>
void expect_threads() {
  CHECK(thread_count() == Expected);
  CHECK(sums_up());
}
PROGRAM(expect_1_thread) { expect_threads<1>(); }
PROGRAM(expect_2_threads) { expect_threads<2>(); }
PROGRAM(expect_64_threads) { expect_threads<64>(); }
PROGRAM(expect_as_many_threads_as_processors) {
  CHECK(thread_count() >= 1 && thread_count() <= 64);
  CHECK(thread_count() <= static_cast<int>(std::thread::hardware_concurrency()));
  CHECK(sums_up());
}

TEST(the_environment_sets_the_number_of_threads) {
  CHECK(run_program("expect_1_thread", "RANVIER_THREADS=1") == 0);
  CHECK(run_program("expect_2_threads", "RANVIER_THREADS=2") == 0);
  CHECK(run_program("expect_64_threads", "RANVIER_THREADS=64") == 0);
  CHECK(run_program("expect_64_threads", "RANVIER_THREADS=100000000000000") == 0);
  for (const char* nonsense : {"RANVIER_THREADS=", "RANVIER_THREADS=0", "RANVIER_THREADS=-3", "RANVIER_THREADS=many"})
    CHECK(run_program("expect_as_many_threads_as_processors", nonsense) == 0);
}

#if defined(__linux__)
PROGRAM(expect_1_thread_on_one_processor) {
  cpu_set_t one;
  CPU_ZERO(&one);
  CPU_SET(sched_getcpu(), &one);
  CHECK(sched_setaffinity(0, sizeof one, &one) == 0);
  expect_threads<1>();
}
PROGRAM(many_threads_on_one_processor) {
  cpu_set_t one;
  CPU_ZERO(&one);
  CPU_SET(sched_getcpu(), &one);
  CHECK(sched_setaffinity(0, sizeof one, &one) == 0);
  for (int i = 0; i < 200; ++i) CHECK(sums_up());
}
TEST(the_affinity_sets_the_number_of_threads) {
  CHECK(run_program("expect_1_thread_on_one_processor") == 0);
  CHECK(run_program("many_threads_on_one_processor", "RANVIER_THREADS=8") == 0);
}

// Where the system gives no more threads the work is done by those that there are.
PROGRAM(too_few_threads) {
  const rlim_t bytes = rlim_t{100} << 20;  // of address space: some ten stacks
  const rlimit limit{bytes, bytes};
  CHECK(setrlimit(RLIMIT_AS, &limit) == 0);
  for (int i = 0; i < 100; ++i) CHECK(sums_up());
}
TEST(fewer_threads_than_wanted_will_do) {
  if (!RV_SANITIZED) CHECK(run_program("too_few_threads", "RANVIER_THREADS=64") == 0);
}
#endif

}  // namespace
}  // namespace ranvier::test
