// The micro-kernel of every matrix product here: a tile of sums in registers over packed panels of the right factor.
//
//   sums[row][column] += sum over k of left[row][k * step] * right[k][column]
//
// The left factor is given as a pointer per row and a stride along k, so that rows of a matrix, columns of one, and the
// windows of a picture are read where they lie. The right factor lies in panels [column / kPanel][k][kPanel], padded
// with zeros (`pack`, `pack_transposed`).
#pragma once

#include <algorithm>
#include <utility>

#include "simd.h"

namespace ranvier {

// A tile of `Rows` x `Vectors` vectors. It is passed by reference to inlined functions only: the sums live in registers.
template <int Rows, int Vectors>
struct Tile {
  static constexpr int rows = Rows;
  static constexpr int vectors = Vectors;
  Floats sums[Rows][Vectors];

  RV_INLINE void clear() {
#pragma GCC unroll 16
    for (int r = 0; r < Rows; ++r)
#pragma GCC unroll 2
      for (int v = 0; v < Vectors; ++v) sums[r][v] = Floats{};
  }

  // Every row starts with the same `count` numbers; null means zeros.
  RV_INLINE void start(const float* numbers, Index count) {
    if (numbers == nullptr) return clear();
#pragma GCC unroll 2
    for (int v = 0; v < Vectors; ++v) {
      const Floats first = load(numbers + v * kWidth, count - v * kWidth);
#pragma GCC unroll 16
      for (int r = 0; r < Rows; ++r) sums[r][v] = first;
    }
  }

  // Adds the products of `depth` steps along k. `stride` is the distance of the rows of `right` (kPanel when packed).
  RV_INLINE void add(const float* const* left, Index step, Index depth, const float* right, Index stride = kPanel) {
    Floats kept[Rows][Vectors];
    const float* rows_left[Rows];
#pragma GCC unroll 16
    for (int r = 0; r < Rows; ++r) {
      rows_left[r] = left[r];
#pragma GCC unroll 2
      for (int v = 0; v < Vectors; ++v) kept[r][v] = sums[r][v];
    }
    Index at = 0;
    for (Index k = 0; k < depth; ++k) {
      Floats columns[Vectors];
#pragma GCC unroll 2
      for (int v = 0; v < Vectors; ++v) columns[v] = load(right + v * kWidth);
#pragma GCC unroll 16
      for (int r = 0; r < Rows; ++r) {
        const Floats value = all(rows_left[r][at]);
#pragma GCC unroll 2
        for (int v = 0; v < Vectors; ++v) kept[r][v] += value * columns[v];
      }
      right += stride;
      at += step;
    }
#pragma GCC unroll 16
    for (int r = 0; r < Rows; ++r)
#pragma GCC unroll 2
      for (int v = 0; v < Vectors; ++v) sums[r][v] = kept[r][v];
  }

  // The same where the rows of the left factor are neighbours, one number apart: one pointer leads to all of them.
  RV_INLINE void add_neighbours(const float* left, Index step, Index depth, const float* right, Index stride = kPanel) {
    Floats kept[Rows][Vectors];
#pragma GCC unroll 16
    for (int r = 0; r < Rows; ++r)
#pragma GCC unroll 2
      for (int v = 0; v < Vectors; ++v) kept[r][v] = sums[r][v];
    for (Index k = 0; k < depth; ++k) {
      Floats columns[Vectors];
#pragma GCC unroll 2
      for (int v = 0; v < Vectors; ++v) columns[v] = load(right + v * kWidth);
#pragma GCC unroll 16
      for (int r = 0; r < Rows; ++r) {
        const Floats value = all(left[r]);
#pragma GCC unroll 2
        for (int v = 0; v < Vectors; ++v) kept[r][v] += value * columns[v];
      }
      right += stride;
      left += step;
    }
#pragma GCC unroll 16
    for (int r = 0; r < Rows; ++r)
#pragma GCC unroll 2
      for (int v = 0; v < Vectors; ++v) sums[r][v] = kept[r][v];
  }

  // Takes the first `count` columns of row r from `from + r * stride`, zeros behind them.
  RV_INLINE void read(const float* from, Index stride, Index count) {
    if (count >= Vectors * kWidth) {  // no masks
#pragma GCC unroll 16
      for (int r = 0; r < Rows; ++r)
#pragma GCC unroll 2
        for (int v = 0; v < Vectors; ++v) sums[r][v] = load(from + r * stride + v * kWidth);
      return;
    }
#pragma GCC unroll 16
    for (int r = 0; r < Rows; ++r)
#pragma GCC unroll 2
      for (int v = 0; v < Vectors; ++v) sums[r][v] = load(from + r * stride + v * kWidth, count - v * kWidth);
  }

  // Writes the first `count` columns of row r to `to + r * stride`.
  RV_INLINE void write(float* to, Index stride, Index count) const {
#pragma GCC unroll 16
    for (int r = 0; r < Rows; ++r)
#pragma GCC unroll 2
      for (int v = 0; v < Vectors; ++v) store(to + r * stride + v * kWidth, count - v * kWidth, sums[r][v]);
  }

  // Adds the first `count` columns to what stands at `to`.
  RV_INLINE void write_added(float* to, Index stride, Index count) const {
#pragma GCC unroll 16
    for (int r = 0; r < Rows; ++r)
#pragma GCC unroll 2
      for (int v = 0; v < Vectors; ++v) {
        float* place = to + r * stride + v * kWidth;
        const Index left = count - v * kWidth;
        store(place, left, load(place, left) + sums[r][v]);
      }
  }

  template <class Function>
  RV_INLINE void apply(Function&& function) {
#pragma GCC unroll 16
    for (int r = 0; r < Rows; ++r)
#pragma GCC unroll 2
      for (int v = 0; v < Vectors; ++v) sums[r][v] = function(sums[r][v]);
  }
};

namespace inner {
template <int Vectors, class Body, int... Numbers>
RV_INLINE void with_rows(int rows, Body&& body, std::integer_sequence<int, Numbers...>) {
  // One instance per number of rows, so that each has its sums in registers.
  static_cast<void>(((rows == Numbers + 1 ? (body(Tile<Numbers + 1, Vectors>{}), true) : false) || ...));
}
}  // namespace inner

// Calls `body(tile)` with a tile of `rows` (1 to kRows) rows and as many vectors as `columns` (at least 1) need.
template <class Body>
RV_INLINE void with_tile(int rows, Index columns, Body&& body) {
  constexpr auto numbers = std::make_integer_sequence<int, kRows>{};
  if (columns > kWidth)
    inner::with_rows<2>(rows, body, numbers);
  else
    inner::with_rows<1>(rows, body, numbers);
}

// How many of the rows from `row` to `end` go into the next tile: all tiles are nearly equally high.
RV_INLINE int tile_rows(Index row, Index end) {
  const Index left = end - row, tiles = (left + kRows - 1) / kRows;
  return static_cast<int>((left + tiles - 1) / tiles);
}

RV_INLINE Index panels(Index columns) { return (columns + kPanel - 1) / kPanel; }
RV_INLINE Index packed_size(Index depth, Index columns) { return panels(columns) * depth * kPanel; }

// right [depth, columns] with rows `stride` apart -> panels.
inline void pack(const float* right, Index stride, Index depth, Index columns, float* to) {
  for (Index n = 0; n < columns; n += kPanel)
    for (Index k = 0; k < depth; ++k, to += kPanel) {
      const float* from = right + k * stride + n;
      store(to, load(from, columns - n));
      store(to + kWidth, load(from + kWidth, columns - n - kWidth));
    }
}

namespace inner {
// Swaps the off-diagonal blocks of `Size` lanes of two vectors that stand `Size` rows apart.
template <int Size, int... Lanes>
RV_INLINE void swap_blocks(Floats& a, Floats& b, std::integer_sequence<int, Lanes...>) {
  const Floats above = RV_SHUFFLED(a, b, ((Lanes & Size) ? kWidth + Lanes - Size : Lanes)...);
  b = RV_SHUFFLED(a, b, ((Lanes & Size) ? kWidth + Lanes : Lanes + Size)...);
  a = above;
}
template <int Size>
RV_INLINE void swap_all(Floats* rows) {
#pragma GCC unroll 16
  for (int i = 0; i < kWidth; ++i)
    if (!(i & Size)) swap_blocks<Size>(rows[i], rows[i + Size], std::make_integer_sequence<int, kWidth>{});
}
// Turns kWidth vectors of kWidth numbers.
RV_INLINE void turn(Floats* rows) {
  if constexpr (kWidth > 8) swap_all<(kWidth > 8 ? 8 : 1)>(rows);
  if constexpr (kWidth > 4) swap_all<(kWidth > 4 ? 4 : 1)>(rows);
  swap_all<2>(rows);
  swap_all<1>(rows);
}
}  // namespace inner

// The transpose of right [columns, depth] with rows `stride` apart -> panels.
inline void pack_transposed(const float* right, Index stride, Index depth, Index columns, float* to) {
  for (Index n = 0; n < columns; n += kPanel, to += depth * kPanel)
    for (Index first = 0; first < depth; first += kWidth)
      for (Index half = 0; half < kPanel; half += kWidth) {
        Floats block[kWidth];
#pragma GCC unroll 16
        for (Index j = 0; j < kWidth; ++j)
          block[j] = n + half + j < columns ? load(right + (n + half + j) * stride + first, depth - first) : Floats{};
        inner::turn(block);
        const Index live = std::min<Index>(kWidth, depth - first);
        for (Index k = 0; k < live; ++k) store(to + (first + k) * kPanel + half, block[k]);
      }
}

// Goes through the tiles of rows [0, rows) x [0, columns): `fill(tile, row, column)` computes one and puts it away.
// Rows go in blocks that stay in the first cache while the panels pass by.
template <class Fill>
void tiled(Index rows, Index columns, Fill&& fill, Index block = 8 * kRows) {
  for (Index first = 0; first < rows;) {
    Index last = std::min(rows, first + block);
    if (rows - last < block / 2) last = rows;
    for (Index n = 0; n < columns; n += kPanel)
      for (Index i = first; i < last;) {
        const int count = tile_rows(i, last);
        with_tile(count, std::min<Index>(kPanel, columns - n), [&](auto tile) { fill(tile, i, n); });
        i += count;
      }
    first = last;
  }
}

// out [rows, columns] (+)= left [rows, depth] @ packed. `left_row` and `left_step` are the distances of rows and of
// neighbours along k: a transposed left factor has left_row = 1.
template <bool Added = false>
void multiply(Index rows, Index columns, Index depth, const float* left, Index left_row, Index left_step,
              const float* packed, float* out, Index out_row) {
  tiled(rows, columns, [&](auto tile, Index i, Index n) {
    const float* starts[decltype(tile)::rows];
    for (int r = 0; r < decltype(tile)::rows; ++r) starts[r] = left + (i + r) * left_row;
    tile.clear();
    tile.add(starts, left_step, depth, packed + n * depth);
    if constexpr (Added)
      tile.write_added(out + i * out_row + n, out_row, columns - n);
    else
      tile.write(out + i * out_row + n, out_row, columns - n);
  });
}

}  // namespace ranvier
