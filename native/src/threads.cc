#include "threads.h"

#include <pthread.h>
#include <sched.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <cstdlib>
#include <exception>
#include <mutex>
#include <system_error>
#include <thread>
#include <utility>

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
using FloatMode = unsigned;
FloatMode float_mode() { return _mm_getcsr(); }
void set_float_mode(FloatMode mode) { _mm_setcsr(mode); }
#elif defined(__aarch64__)
using FloatMode = std::uint64_t;
FloatMode float_mode() {
  FloatMode mode;
  asm volatile("mrs %0, fpcr" : "=r"(mode));
  return mode;
}
void set_float_mode(FloatMode mode) { asm volatile("msr fpcr, %0" : : "r"(mode)); }
#else
using FloatMode = int;
FloatMode float_mode() { return 0; }
void set_float_mode(FloatMode) {}
#endif

int count_threads() {
  if (const char* wanted = std::getenv("RANVIER_THREADS")) {
    const long number = std::strtol(wanted, nullptr, 10);
    if (number >= 1) return static_cast<int>(std::min<long>(number, kMostThreads));
  }
  int usable = static_cast<int>(std::thread::hardware_concurrency());
#if defined(__linux__)
  cpu_set_t allowed;
  if (sched_getaffinity(0, sizeof allowed, &allowed) == 0) usable = CPU_COUNT(&allowed);
#endif
  return std::clamp(usable, 1, kMostThreads);
}

thread_local bool inside_job = false;
thread_local const Lent* lent = nullptr;

struct Inside {
  bool before = std::exchange(inside_job, true);
  ~Inside() { inside_job = before; }
};

// Pieces of work and the threads at them: the caller, and helpers as long as the gate is open.
class Job {
 public:
  void open(Index pieces, void (*work)(void*, Index), void* context) {
    work_ = work;
    context_ = context;
    pieces_ = pieces;
    mode_ = float_mode();
    next_.store(0, std::memory_order_relaxed);
    gate_.store(0, std::memory_order_release);
  }

  void drain() {
    try {
      for (;;) {
        const Index piece = next_.fetch_add(1, std::memory_order_relaxed);
        if (piece >= pieces_) return;
        work_(context_, piece);
      }
    } catch (...) {
      next_.store(pieces_, std::memory_order_relaxed);  // nobody begins another piece
      if (!failing_.exchange(true, std::memory_order_relaxed)) failure_ = std::current_exception();
    }
  }

  // A helper's part, by the caller's float mode; nothing behind the end.
  void help() {
    int inside = gate_.load(std::memory_order_acquire);
    while (!(inside & kClosed) && !gate_.compare_exchange_weak(inside, inside + 1, std::memory_order_acq_rel)) {
    }
    if (inside & kClosed) return;
    const FloatMode own = float_mode();
    set_float_mode(mode_);
    {
      const Inside here;
      drain();
    }
    set_float_mode(own);
    gate_.fetch_sub(1, std::memory_order_acq_rel);
  }

  // Closes the gate, waits for those inside and returns what the first failing piece threw.
  std::exception_ptr close() {
    gate_.fetch_or(kClosed, std::memory_order_acq_rel);
    for (int looks = 0; gate_.load(std::memory_order_acquire) != kClosed; ++looks)
      looks < kSpins ? relax() : static_cast<void>(sched_yield());
    failing_.store(false, std::memory_order_relaxed);
    return std::exchange(failure_, nullptr);
  }

 private:
  void (*work_)(void*, Index) = nullptr;
  void* context_ = nullptr;
  Index pieces_ = 0;
  FloatMode mode_ = 0;
  std::exception_ptr failure_;
  std::atomic<bool> failing_{false};
  alignas(64) std::atomic<int> gate_{kClosed};  // helpers inside, and whether no more may come in
  alignas(64) std::atomic<Index> next_{0};
};

class Pool {
 public:
  // Where the system gives no more threads those that there are do the work.
  explicit Pool(int threads) {
    try {
      for (int i = 1; i < threads; ++i) std::thread([this] { serve(); }).detach();
    } catch (const std::system_error&) {
      return;
    }
  }

  // Whether the pool took the job; it has one at a time. What the first failing piece threw comes out here.
  bool run(Index pieces, void (*work)(void*, Index), void* context) {
    if (!busy_.try_lock()) return false;
    job_.open(pieces, work, context);
    {
      // The lock makes sure that a worker which is about to sleep sees the new job.
      std::lock_guard<std::mutex> lock(sleep_);
      number_.fetch_add(1, std::memory_order_release);
    }
    if (sleepers_.load(std::memory_order_acquire) > 0) wake_.notify_all();
    job_.drain();
    const std::exception_ptr failure = job_.close();
    busy_.unlock();
    if (failure) std::rethrow_exception(failure);
    return true;
  }

 private:
  void serve() {
    unsigned seen = 0;
    for (;;) {
      wait_for_job(seen);
      job_.help();
    }
  }

  void wait_for_job(unsigned& seen) {
    for (int looks = 0; looks < kSpins; ++looks) {
      const unsigned now = number_.load(std::memory_order_acquire);
      if (now != seen) {
        seen = now;
        return;
      }
      relax();
    }
    std::unique_lock<std::mutex> lock(sleep_);
    sleepers_.fetch_add(1, std::memory_order_acq_rel);
    wake_.wait(lock, [&] { return number_.load(std::memory_order_acquire) != seen; });
    sleepers_.fetch_sub(1, std::memory_order_acq_rel);
    seen = number_.load(std::memory_order_acquire);
  }

  Job job_;
  std::mutex busy_, sleep_;
  std::condition_variable wake_;
  alignas(64) std::atomic<unsigned> number_{0};
  std::atomic<int> sleepers_{0};
};

// A job on lent threads. These may come late, even after the end: who leaves last puts it away.
class LentJob {
 public:
  // False, with nothing done, where no thread is lent.
  static bool run(const Lent& threads, int helpers, Index pieces, void (*work)(void*, Index), void* context) {
    auto* const job = new LentJob(helpers + 1);
    job->job_.open(pieces, work, context);
    int started = 0;
    while (started < helpers && threads.start(threads.context, &help, job)) ++started;
    for (int missing = started; missing < helpers; ++missing) job->release();
    if (started > 0) job->job_.drain();
    const std::exception_ptr failure = job->job_.close();
    job->release();
    if (failure) std::rethrow_exception(failure);
    return started > 0;
  }

 private:
  explicit LentJob(int holders) : holders_(holders) {}

  static void help(void* data) {
    auto* const job = static_cast<LentJob*>(data);
    job->job_.help();
    job->release();
  }

  void release() {
    if (holders_.fetch_sub(1, std::memory_order_acq_rel) == 1) delete this;
  }

  Job job_;
  std::atomic<int> holders_;
};

std::mutex making;
std::atomic<Pool*> pool{nullptr};

// A forked child has the pool's memory but not its threads: it makes a pool of its own when it needs one. The old one
// is left to itself, as it is at the end of the process: its threads may be in it.
void before_fork() { making.lock(); }
void in_parent() { making.unlock(); }
void in_child() {
  pool.store(nullptr, std::memory_order_release);
  making.unlock();
}
// When the library is loaded, not with the pool: a fork meanwhile would leave the lock closed for ever.
[[maybe_unused]] const int at_fork = pthread_atfork(before_fork, in_parent, in_child);

Pool& the_pool() {
  Pool* found = pool.load(std::memory_order_acquire);
  if (found != nullptr) return *found;
  std::lock_guard<std::mutex> lock(making);
  found = pool.load(std::memory_order_acquire);
  if (found == nullptr) {
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

Lending::Lending(const Lent& threads) : before_(std::exchange(lent, &threads)) {}
Lending::~Lending() { lent = before_; }

void run_pieces(Index pieces, void (*work)(void*, Index), void* context) {
  if (pieces > 1 && thread_count() > 1 && !inside_job) {
    const Inside here;
    const int helpers = static_cast<int>(std::min<Index>(thread_count(), pieces)) - 1;
    if (lent != nullptr && LentJob::run(*lent, helpers, pieces, work, context)) return;
    if (the_pool().run(pieces, work, context)) return;
  }
  for (Index i = 0; i < pieces; ++i) work(context, i);
}

}  // namespace ranvier
