// One vector of floats, as wide as the instruction set that this file is compiled for, by the compiler's own vectors.
//
// Only loads and stores of part of a vector know instructions by name; everything else is plain arithmetic.
#pragma once

#include <cstdint>
#include <cstring>

#if defined(__AVX512F__) || defined(__AVX2__)
#include <immintrin.h>
#endif

#define RV_INLINE __attribute__((always_inline)) inline

namespace ranvier {

using Index = std::int64_t;

#if defined(__AVX512F__)
inline constexpr int kWidth = 16;       // floats in a vector
inline constexpr int kRows = 12;        // rows of a tile of sums: 12 x 2 of the 32 registers
#elif defined(__AVX2__)
inline constexpr int kWidth = 8;
inline constexpr int kRows = 6;         // 6 x 2 of the 16 registers
#else
inline constexpr int kWidth = 4;
inline constexpr int kRows = 4;
#endif
inline constexpr int kPanel = 2 * kWidth;  // columns of a packed panel

typedef float Floats __attribute__((vector_size(kWidth * 4)));
typedef std::int32_t Ints __attribute__((vector_size(kWidth * 4)));
typedef float LooseFloats __attribute__((vector_size(kWidth * 4), aligned(4), may_alias));

RV_INLINE Floats all(float value) { return value - Floats{}; }  // not `+`: minus zero stays minus zero
RV_INLINE Floats load(const float* from) { return *reinterpret_cast<const LooseFloats*>(from); }
RV_INLINE void store(float* to, Floats values) { *reinterpret_cast<LooseFloats*>(to) = values; }

RV_INLINE Ints lanes() {
  Ints numbers;
  for (int i = 0; i < kWidth; ++i) numbers[i] = i;
  return numbers;
}

// All bits set in the first `count` lanes, none behind them. Any count is allowed, as for loads and stores.
RV_INLINE Ints first_lanes(Index count) {
  const Index inside = count < 0 ? 0 : count > kWidth ? kWidth : count;
  return lanes() < static_cast<std::int32_t>(inside);
}

// The first `count` floats, zeros behind them; nothing past `count` is read. Any count is allowed.
RV_INLINE Floats load(const float* from, Index count) {
  if (count >= kWidth) return load(from);
  if (count <= 0) return Floats{};
#if defined(__AVX512F__)
  return reinterpret_cast<Floats>(_mm512_maskz_loadu_ps(static_cast<__mmask16>((1u << count) - 1), from));
#elif defined(__AVX2__)
  const Ints mask = first_lanes(count);
  return reinterpret_cast<Floats>(_mm256_maskload_ps(from, reinterpret_cast<__m256i>(mask)));
#else
  Floats values{};
  for (Index i = 0; i < count; ++i) values[i] = from[i];
  return values;
#endif
}

// Writes the first `count` floats and nothing else.
RV_INLINE void store(float* to, Index count, Floats values) {
  if (count >= kWidth) return store(to, values);
  if (count <= 0) return;
#if defined(__AVX512F__)
  _mm512_mask_storeu_ps(to, static_cast<__mmask16>((1u << count) - 1), reinterpret_cast<__m512>(values));
#elif defined(__AVX2__)
  const Ints mask = first_lanes(count);
  _mm256_maskstore_ps(to, reinterpret_cast<__m256i>(mask), reinterpret_cast<__m256>(values));
#else
  for (Index i = 0; i < count; ++i) to[i] = values[i];
#endif
}

// Where `mask` is set (all bits, as comparisons give it) `yes`, elsewhere `no`.
RV_INLINE Floats choose(Ints mask, Floats yes, Floats no) {
  return reinterpret_cast<Floats>((reinterpret_cast<Ints>(yes) & mask) | (reinterpret_cast<Ints>(no) & ~mask));
}

// The larger one; not-a-number in either comes out as not-a-number (the processor's own maximum swallows it).
RV_INLINE Floats maximum(Floats a, Floats b) {
  const Floats larger = choose(a > b, a, b);
  return choose(a != a, a, larger);
}
RV_INLINE Floats relu(Floats x) { return choose(x < 0.0f, Floats{}, x); }

// Lanes of `a` and, from kWidth on, of `b`. Clang's builtin is in GCC from its version 12 on.
#if defined(__clang__) || !defined(__GNUC__) || __GNUC__ >= 12
#define RV_SHUFFLED(a, b, ...) __builtin_shufflevector(a, b, __VA_ARGS__)
#else
#define RV_SHUFFLED(a, b, ...) __builtin_shuffle(a, b, Ints{__VA_ARGS__})
#endif

// All lanes of a vector brought together, by halves.
template <class Join>
RV_INLINE float joined_lanes(Floats x, Join&& join) {
#if defined(__AVX512F__)
  x = join(x, RV_SHUFFLED(x, x, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7));
  x = join(x, RV_SHUFFLED(x, x, 4, 5, 6, 7, 0, 1, 2, 3, 12, 13, 14, 15, 8, 9, 10, 11));
  x = join(x, RV_SHUFFLED(x, x, 2, 3, 0, 1, 6, 7, 4, 5, 10, 11, 8, 9, 14, 15, 12, 13));
  x = join(x, RV_SHUFFLED(x, x, 1, 0, 3, 2, 5, 4, 7, 6, 9, 8, 11, 10, 13, 12, 15, 14));
#elif defined(__AVX2__)
  x = join(x, RV_SHUFFLED(x, x, 4, 5, 6, 7, 0, 1, 2, 3));
  x = join(x, RV_SHUFFLED(x, x, 2, 3, 0, 1, 6, 7, 4, 5));
  x = join(x, RV_SHUFFLED(x, x, 1, 0, 3, 2, 5, 4, 7, 6));
#else
  x = join(x, RV_SHUFFLED(x, x, 2, 3, 0, 1));
  x = join(x, RV_SHUFFLED(x, x, 1, 0, 3, 2));
#endif
  return x[0];
}

RV_INLINE float sum(Floats values) {
  return joined_lanes(values, [](Floats a, Floats b) { return a + b; });
}
RV_INLINE float largest(Floats values) { return joined_lanes(values, maximum); }

}  // namespace ranvier
