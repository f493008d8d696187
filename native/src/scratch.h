// Memory for intermediate values that a thread keeps from call to call.
#pragma once

#include <cstddef>
#include <cstdlib>
#include <new>

#include "simd.h"

namespace ranvier {

// Each `Scratch<Use>` is one buffer per thread: two programs at once never share one, and names keep uses apart.
template <class Use>
class Scratch {
 public:
  // At least `count` floats, aligned to 64 bytes; what was there before is lost.
  static float* floats(Index count) {
    thread_local Scratch buffer;
    return buffer.grown(static_cast<std::size_t>(count));
  }

  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;

 private:
  Scratch() = default;
  ~Scratch() { std::free(memory_); }

  float* grown(std::size_t count) {
    if (count > size_ || memory_ == nullptr) {
      if (count > kMost) throw std::bad_alloc();
      std::free(memory_);
      size_ = (count + count / 4 + 15) / 16 * 16 + 16;
      memory_ = static_cast<float*>(std::aligned_alloc(64, size_ * sizeof(float)));
      if (memory_ == nullptr) {
        size_ = 0;
        throw std::bad_alloc();
      }
    }
    return memory_;
  }

  static constexpr std::size_t kMost = std::size_t{1} << 56;  // so that no size below overflows

  float* memory_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace ranvier
