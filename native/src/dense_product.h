// Products of two matrices that lie anywhere, with what is done to the sums before they are put away.
#pragma once

#include "matmul.h"

namespace ranvier {

// What is no number may be passed over.
RV_INLINE float lane_largest(Floats x) {
  return joined_lanes(x, [](Floats a, Floats b) { return choose(a > b, a, b); });
}

// A right factor [rows, columns] of a product: where it lies if its rows are whole vectors, else a packed copy.
struct Right {
  const float* numbers;
  Index row, column;
  RV_INLINE const float* at(Index r, Index n) const { return numbers + r * row + n * column; }
  Right from(Index r) const { return {at(r, 0), row, column}; }
};

inline Right right_of(const float* from, Index stride, Index rows, Index columns, float* room) {
  if (columns % kWidth == 0) return {from, stride, 1};
  pack(from, stride, rows, columns, room);
  return {room, kPanel, rows};
}
inline Index room_of(Index rows, Index columns) { return columns % kWidth == 0 ? 0 : packed_size(rows, columns); }

// Which part of the depth counts for a row: all of it, what lies at or behind the row's own place, or up to it.
enum class Reach { kAll, kFrom, kUpTo };

struct Product {
  const float* start = nullptr;   // what the sums of every row begin with; zeros if null
  bool added = false;             // whether they are added to what stands there,
  const float* kept = nullptr;    // which counts that many times, per row
  const float* factor = nullptr;  // what they are multiplied by in the end, per row
  Reach reach = Reach::kAll;
  Index shift = 0;  // row i has its own place at depth i + shift
};

// out (+)= left @ right: left[row][k] stands at left + row * left_row + k * left_step.
__attribute__((noinline)) inline void product(Index rows, Index columns, Index depth, const float* left, Index left_row,
                                              Index left_step, const Right& right, float* out, Index out_row,
                                              const Product& how = {}) {
  tiled(rows, columns, [&](auto tile, Index i, Index n) {
    constexpr int count = decltype(tile)::rows, vectors = decltype(tile)::vectors;
    const Index first = how.reach == Reach::kFrom ? std::clamp<Index>(i + how.shift, 0, depth) : 0;
    const Index last = how.reach == Reach::kUpTo ? std::clamp<Index>(i + count + how.shift, 0, depth) : depth;
    const float* starts[count];
    for (int r = 0; r < count; ++r) starts[r] = left + (i + r) * left_row + first * left_step;
    // Stores wait in line for memory that is not in the cache yet: ask for it before the sums are made.
#pragma GCC unroll 16
    for (int r = 0; r < count; ++r)
#pragma GCC unroll 2
      for (int v = 0; v < vectors; ++v)
        __builtin_prefetch(out + (i + r) * out_row + std::min(n + v * kWidth, columns - 1), 1);
    tile.start(how.start == nullptr ? nullptr : how.start + n, columns - n);
    tile.add(starts, left_step, last - first, right.at(first, n), right.row);
#pragma GCC unroll 16
    for (int r = 0; r < count; ++r)
#pragma GCC unroll 2
      for (int v = 0; v < vectors; ++v) {
        float* const place = out + (i + r) * out_row + n + v * kWidth;
        const Index live = columns - n - v * kWidth;
        Floats sum = tile.sums[r][v];
        if (how.added) sum += how.kept == nullptr ? load(place, live) : load(place, live) * how.kept[i + r];
        if (how.factor != nullptr) sum *= how.factor[i + r];
        store(place, live, sum);
      }
  });
}

}  // namespace ranvier
