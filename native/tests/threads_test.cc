#include "../src/threads.h"

#include <atomic>
#include <chrono>
#include <memory>
#include <thread>

#include "../src/scratch.h"
#include "check.h"

#if defined(__x86_64__)
#include <xmmintrin.h>
#endif

namespace ranvier::test {
namespace {

constexpr int kRounds = RV_SANITIZED ? 300 : 5000;

// Whether a job of `pieces` does each of them once.
bool each_once(Index pieces) {
  std::unique_ptr<std::atomic<int>[]> times(new std::atomic<int>[static_cast<std::size_t>(pieces)]());
  parallel(pieces, [&](Index i) { times[static_cast<std::size_t>(i)].fetch_add(1, std::memory_order_relaxed); });
  for (Index i = 0; i < pieces; ++i)
    if (times[static_cast<std::size_t>(i)].load() != 1) return false;
  return true;
}

// Jobs one after the other, whose results are plain memory: a sanitizer sees a race, a check a lost piece.
bool many_jobs(int rounds) {
  std::vector<Index> made(17);
  for (int round = 0; round < rounds; ++round) {
    const Index pieces = round % 18;
    parallel(pieces, [&](Index i) { made[static_cast<std::size_t>(i)] = round + i; });
    for (Index i = 0; i < pieces; ++i)
      if (made[static_cast<std::size_t>(i)] != round + i) return false;
  }
  return true;
}

TEST(every_piece_is_done_once) {
  for (const Index pieces : {0, 1, 2, 3, 7, 64, 1000}) CHECK(each_once(pieces));
}

TEST(many_jobs_follow_each_other) { CHECK(many_jobs(kRounds)); }

TEST(several_threads_give_jobs_at_once) {
  std::atomic<int> good{0};
  std::vector<std::thread> callers;
  callers.reserve(4);
  for (int i = 0; i < 4; ++i) callers.emplace_back([&] { good += many_jobs(kRounds); });
  for (std::thread& caller : callers) caller.join();
  CHECK(good == 4);
}

TEST(a_job_in_a_job_runs) {
  for (int round = 0; round < kRounds / 50; ++round) {
    std::atomic<Index> total{0};
    parallel(5, [&](Index outer) { parallel(7, [&](Index inner) { total += outer * inner; }); });
    CHECK(total == 210);
  }
}

TEST(what_a_piece_throws_comes_out_of_the_job) {
  for (int round = 0; round < kRounds / 50; ++round) {
    for (Index thrower = 0; thrower < 5; ++thrower) {
      std::atomic<int> done{0};
      bool caught = false;
      try {
        parallel(5, [&](Index i) {
          if (i == thrower) throw std::runtime_error("a piece");
          ++done;
        });
      } catch (const std::runtime_error& error) {
        caught = std::strcmp(error.what(), "a piece") == 0;
      }
      CHECK(caught && done <= 4);
    }
    CHECK(each_once(9));
  }
}

TEST(a_job_in_a_job_may_throw) {
  bool caught = false;
  try {
    parallel(3, [](Index) { parallel(3, [](Index) { throw std::runtime_error("inside"); }); });
  } catch (const std::runtime_error&) {
    caught = true;
  }
  CHECK(caught && each_once(9));
}

TEST(sleeping_workers_wake) {
  for (int round = 0; round < 5; ++round) {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    CHECK(each_once(8));
  }
}

#if defined(__x86_64__)
TEST(workers_treat_denormals_as_the_caller_does) {
  const unsigned mode = _mm_getcsr();
  for (const unsigned flush : {0x8040u, 0u}) {
    _mm_setcsr((mode & ~0x8040u) | flush);
    std::atomic<int> other{0};
    for (int round = 0; round < 200; ++round)
      parallel(64, [&](Index) { other += (_mm_getcsr() & 0x8040u) != flush; });
    CHECK(other == 0);
  }
  _mm_setcsr(mode);
}
#endif

struct Small;
struct Other;

TEST(scratch_is_each_threads_own_and_aligned) {
  float* const mine = Scratch<Small>::floats(100);
  CHECK(reinterpret_cast<std::uintptr_t>(mine) % 64 == 0 && Scratch<Small>::floats(50) == mine);
  CHECK(Scratch<Other>::floats(100) != mine && Scratch<Small>::floats(0) != nullptr);
  float* theirs = nullptr;
  std::thread([&] {
    theirs = Scratch<Small>::floats(100);
    for (Index i = 0; i < 100; ++i) theirs[i] = 1.0f;
  }).join();
  CHECK(theirs != mine);
  float* const grown = Scratch<Small>::floats(1 << 20);
  grown[0] = grown[(1 << 20) - 1] = 1.0f;
  for (Index count = 1; count < 200; ++count) Scratch<Small>::floats(count * 700)[count * 700 - 1] = 1.0f;
}

TEST(scratch_without_memory_is_an_error) {
  if (RV_SANITIZED) return;  // they end the process instead
  for (const Index count : {Index{1} << 60, std::numeric_limits<Index>::max(), Index{-1}}) {
    bool caught = false;
    try {
      Scratch<Other>::floats(count);
    } catch (const std::bad_alloc&) {
      caught = true;
    }
    CHECK(caught);
  }
  Scratch<Other>::floats(10)[9] = 1.0f;
}

}  // namespace
}  // namespace ranvier::test
