#include "threads.h"

#include <pthread.h>
#include <sched.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <cstdlib>
#include <mutex>
#include <thread>

#if defined(__x86_64__)
#include <xmmintrin.h>
#endif

namespace ranvier {
namespace {

constexpr int kMostThreads = 64;
constexpr int kSpins = 2000;  // looks at the gate before sleeping: some tens of microseconds
constexpr int kClosed = 1 << 30;

inline void relax() {
#if defined(__x86_64__)
  _mm_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

// How denormal numbers are treated is a matter of each thread: workers do as the caller does.
#if defined(__x86_64__)
unsigned float_mode() { return _mm_getcsr(); }
void set_float_mode(unsigned mode) { _mm_setcsr(mode); }
#else
unsigned float_mode() { return 0; }
void set_float_mode(unsigned) {}
#endif

int count_threads() {
  if (const char* wanted = std::getenv("RANVIER_THREADS")) {
    const int number = std::atoi(wanted);
    if (number >= 1) return std::min(number, kMostThreads);
  }
  int usable = static_cast<int>(std::thread::hardware_concurrency());
#if defined(__linux__)
  cpu_set_t allowed;
  if (sched_getaffinity(0, sizeof allowed, &allowed) == 0) usable = CPU_COUNT(&allowed);
#endif
  return std::clamp(usable, 1, kMostThreads);
}

class Pool {
 public:
  explicit Pool(int threads) {
    for (int i = 1; i < threads; ++i) std::thread([this] { serve(); }).detach();
  }

  // Whether the pool took the job; it has one at a time.
  bool run(Index pieces, void (*work)(void*, Index), void* context) {
    if (!busy_.try_lock()) return false;
    work_ = work;
    context_ = context;
    pieces_ = pieces;
    mode_ = float_mode();
    next_.store(0, std::memory_order_relaxed);
    gate_.store(0, std::memory_order_release);
    {
      // The lock makes sure that a worker which is about to sleep sees the new job.
      std::lock_guard<std::mutex> lock(sleep_);
      job_.fetch_add(1, std::memory_order_release);
    }
    if (sleepers_.load(std::memory_order_acquire) > 0) wake_.notify_all();
    drain();
    gate_.fetch_or(kClosed, std::memory_order_acq_rel);
    for (int looks = 0; gate_.load(std::memory_order_acquire) != kClosed; ++looks)
      looks < kSpins ? relax() : static_cast<void>(sched_yield());
    busy_.unlock();
    return true;
  }

 private:
  void drain() {
    for (;;) {
      const Index piece = next_.fetch_add(1, std::memory_order_relaxed);
      if (piece >= pieces_) return;
      work_(context_, piece);
    }
  }

  void serve() {
    unsigned seen = 0;
    for (;;) {
      wait_for_job(seen);
      int inside = gate_.load(std::memory_order_acquire);
      while (!(inside & kClosed) && !gate_.compare_exchange_weak(inside, inside + 1, std::memory_order_acq_rel)) {
      }
      if (inside & kClosed) continue;
      set_float_mode(mode_);
      drain();
      gate_.fetch_sub(1, std::memory_order_acq_rel);
    }
  }

  void wait_for_job(unsigned& seen) {
    for (int looks = 0; looks < kSpins; ++looks) {
      const unsigned now = job_.load(std::memory_order_acquire);
      if (now != seen) {
        seen = now;
        return;
      }
      relax();
    }
    std::unique_lock<std::mutex> lock(sleep_);
    sleepers_.fetch_add(1, std::memory_order_acq_rel);
    wake_.wait(lock, [&] { return job_.load(std::memory_order_acquire) != seen; });
    sleepers_.fetch_sub(1, std::memory_order_acq_rel);
    seen = job_.load(std::memory_order_acquire);
  }

  void (*work_)(void*, Index) = nullptr;
  void* context_ = nullptr;
  Index pieces_ = 0;
  unsigned mode_ = 0;
  std::mutex busy_, sleep_;
  std::condition_variable wake_;
  alignas(64) std::atomic<unsigned> job_{0};
  alignas(64) std::atomic<int> gate_{kClosed};  // workers inside, and whether no more may come in
  alignas(64) std::atomic<Index> next_{0};
  std::atomic<int> sleepers_{0};
};

std::mutex making;
std::atomic<Pool*> pool{nullptr};
thread_local bool inside_job = false;

// A forked child has the pool's memory but not its threads: it makes a pool of its own when it needs one. The old one
// is left to itself, as it is at the end of the process: its threads may be in it.
void forget_pool() { pool.store(nullptr, std::memory_order_release); }

Pool& the_pool() {
  Pool* found = pool.load(std::memory_order_acquire);
  if (found != nullptr) return *found;
  std::lock_guard<std::mutex> lock(making);
  found = pool.load(std::memory_order_acquire);
  if (found == nullptr) {
    static const int at_fork = pthread_atfork([] { making.lock(); }, [] { making.unlock(); },
                                              [] {
                                                making.unlock();
                                                forget_pool();
                                              });
    static_cast<void>(at_fork);
    found = new Pool(thread_count());
    pool.store(found, std::memory_order_release);
  }
  return *found;
}

}  // namespace

int thread_count() {
  static const int count = count_threads();
  return count;
}

void run_pieces(Index pieces, void (*work)(void*, Index), void* context) {
  if (pieces > 1 && thread_count() > 1 && !inside_job) {
    inside_job = true;
    const bool done = the_pool().run(pieces, work, context);
    inside_job = false;
    if (done) return;
  }
  for (Index i = 0; i < pieces; ++i) work(context, i);
}

}  // namespace ranvier
