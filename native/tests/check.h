// The tests' own frame: named tests, checks that tell what they saw, and memory whose neighbours must not be touched.
#pragma once

#include <sys/mman.h>
#include <unistd.h>

#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <limits>
#include <random>
#include <stdexcept>
#include <vector>

#include "../src/simd.h"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define RV_SANITIZED 1
#else
#define RV_SANITIZED 0
#endif
// The thread sanitizer cannot follow a forked child that starts threads.
#if defined(__SANITIZE_THREAD__)
#define RV_FORKS 0
#else
#define RV_FORKS 1
#endif

namespace ranvier::test {

// A test of its own, or a program that a test starts in a process of its own (`run_program`).
struct Case {
  Case(const char* name, void (*body)(), bool program);
  const char* name;
  void (*body)();
  bool program;
  Case* next;
};

void failed(const char* file, int line, const char* what);

// Runs the program `name` of this executable with `setting` ("NAME=value", or null) in its environment and returns its
// exit status; 128 and more where a signal ended it, by an alarm too.
int run_program(const char* name, const char* setting = nullptr);

// Runs `body` in a forked child and returns its exit status, as above; the child ends without exit handlers.
int run_forked(void (*body)());

inline constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
inline constexpr float kInfinity = std::numeric_limits<float>::infinity();

// Where the page lies that must not be touched: right before the first number or right behind the last one.
enum class Edge { before, behind };
inline constexpr Edge kEdges[] = {Edge::before, Edge::behind};

// Numbers between two pages that kill the process when touched; the slack on the other side is checked for writes.
template <class Number>
class GuardedOf {
 public:
  GuardedOf(Index count, Edge edge, Number fill = Number{}) : count_(count) {
    const Index page = sysconf(_SC_PAGESIZE);
    const Index bytes = (count * Index{sizeof(Number)} + page - 1) / page * page;
    size_ = static_cast<std::size_t>(bytes + 2 * page);
    memory_ = static_cast<char*>(mmap(nullptr, size_, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
    if (memory_ == MAP_FAILED) throw std::runtime_error("no memory for a guarded array");
    if (bytes > 0) mprotect(memory_ + page, static_cast<std::size_t>(bytes), PROT_READ | PROT_WRITE);
    first_ = reinterpret_cast<Number*>(memory_ + page);
    last_ = reinterpret_cast<Number*>(memory_ + page + bytes);
    data_ = edge == Edge::before ? first_ : last_ - count;
    for (Number* at = first_; at < last_; ++at) *at = kCanary;
    for (Index i = 0; i < count; ++i) data_[i] = fill;
  }
  GuardedOf(const std::vector<Number>& values, Edge edge) : GuardedOf(static_cast<Index>(values.size()), edge) {
    for (std::size_t i = 0; i < values.size(); ++i) data_[i] = values[i];
  }
  ~GuardedOf() { munmap(memory_, size_); }
  GuardedOf(const GuardedOf&) = delete;
  GuardedOf& operator=(const GuardedOf&) = delete;

  operator Number*() { return data_; }
  Number& operator[](Index i) { return data_[i]; }
  std::vector<Number> values() const { return {data_, data_ + count_}; }

  // Whether nothing was written beside the numbers.
  bool intact() const {
    for (const Number* at = first_; at < last_; ++at)
      if ((at < data_ || at >= data_ + count_) && *at != kCanary) return false;
    return true;
  }

 private:
  static constexpr Number kCanary = static_cast<Number>(165);
  Index count_;
  std::size_t size_;
  char* memory_;
  Number *first_, *last_, *data_;
};

using Guarded = GuardedOf<float>;
using GuardedBytes = GuardedOf<std::uint8_t>;  // winners; masks too, which are bools of one byte each

// Reproducible numbers in [-1, 1).
inline std::vector<float> numbers(Index count, unsigned seed) {
  std::mt19937 bits(seed);
  std::vector<float> made(static_cast<std::size_t>(count));
  for (float& value : made) value = static_cast<float>(static_cast<std::int32_t>(bits())) / 2147483648.0f;
  return made;
}

// Reproducible bytes, of which about three in five are 1 and the others 0.
inline std::vector<std::uint8_t> ones_and_zeros(Index count, unsigned seed) {
  std::vector<std::uint8_t> made;
  for (const float value : numbers(count, seed)) made.push_back(value < 0.2f);
  return made;
}

// Whether `found` is `expected` but for `tolerance`, absolute below one and relative above; kinds of no-numbers agree.
inline bool close(double found, double expected, double tolerance) {
  if (std::isnan(expected) || std::isnan(found)) return std::isnan(expected) && std::isnan(found);
  if (std::isinf(expected) || std::isinf(found)) return found == expected;
  return std::abs(found - expected) <= tolerance * std::fmax(1.0, std::abs(expected));
}

template <class Found, class Expected>
bool close(const Found& found, const Expected& expected, double tolerance) {
  if (found.size() != expected.size()) return false;
  for (std::size_t i = 0; i < expected.size(); ++i)
    if (!close(static_cast<double>(found[i]), static_cast<double>(expected[i]), tolerance)) {
      std::printf("  at %zu: found %.9g, expected %.9g\n", i, double(found[i]), double(expected[i]));
      return false;
    }
  return true;
}

}  // namespace ranvier::test

#define RV_CASE(name, program)                                                 \
  static void name();                                                          \
  static ::ranvier::test::Case case_##name(#name, name, program);              \
  static void name()
#define TEST(name) RV_CASE(name, false)
#define PROGRAM(name) RV_CASE(name, true)
#define CHECK(condition)                                                       \
  do {                                                                         \
    if (!(condition)) ::ranvier::test::failed(__FILE__, __LINE__, #condition); \
  } while (false)
