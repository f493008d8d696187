// Convolution of each channel by itself, with one filter each: vectors lie across the channels.
#pragma once

#include "conv_windows.h"

namespace ranvier {

// Whether neighbouring places see the same inputs, shifted by one tap: the usual window.
inline bool has_three_taps(const Convolution& c) {
  return c.across.taps == 3 && c.across.stride == 1 && c.across.dilation == 1;
}

// Adds a row of three taps: each vector of inputs is loaded once for the three places that see it.
template <class Tile>
RV_INLINE void add_three_taps(Tile& tile, const float* x, const float* w, Index channels, Index count) {
  constexpr int rows = Tile::rows;
  const auto add = [&](auto&& take) {
    const Floats one = take(w), two = take(w + channels), three = take(w + 2 * channels);
#pragma GCC unroll 16
    for (int r = 0; r < rows + 2; ++r) {
      const Floats value = take(x);
      if (r < rows) tile.sums[r][0] += value * one;
      if (r >= 1 && r <= rows) tile.sums[r - 1][0] += value * two;
      if (r >= 2) tile.sums[r - 2][0] += value * three;
      x += channels;
    }
  };
  if (count >= kWidth)
    add([](const float* from) { return load(from); });
  else
    add([&](const float* from) { return load(from, count); });
}

// The outputs of a piece, place after place, to `y`; w is [tap, tap, channel].
inline void depthwise_piece(const Convolution& c, const float* x, const float* w, const float* bias, const Piece& piece,
                            float* y) {
  const Inputs inputs = inputs_of(c, x, piece);
  const Index step = c.across.stride * c.channels, wide = c.across.places;
  for (Index n = 0; n < piece.count; ++n)
    for (Index i = 0; i < piece.last - piece.first; ++i, y += wide * c.channels) {
      const float* const from = inputs.start + n * inputs.picture + i * c.down.stride * inputs.row;
      for (Index j = 0; j < wide;) {
        const int high = tile_rows(j, wide);
        for (Index k = 0; k < c.channels; k += kWidth)
          with_tile(high, 1, [&](auto tile) {
            const Index count = c.channels - k;
            tile.start(bias == nullptr ? nullptr : bias + k, count);
            const float* weight = w + k;
            if (has_three_taps(c)) {
              const float* at = from + j * step + k;
              for (Index a = 0; a < c.down.taps; ++a, at += c.down.dilation * inputs.row, weight += 3 * c.channels)
                add_three_taps(tile, at, weight, c.channels, count);
            }
            for (Index a = 0; a < c.down.taps && !has_three_taps(c); ++a)
              for (Index b = 0; b < c.across.taps; ++b, weight += c.channels) {
                const Floats factor = load(weight, count);
                const float* const at =
                    from + a * c.down.dilation * inputs.row + b * c.across.dilation * c.channels + j * step + k;
#pragma GCC unroll 16
                for (int r = 0; r < decltype(tile)::rows; ++r) tile.sums[r][0] += load(at + r * step, count) * factor;
              }
            if (c.relu) tile.apply([](Floats sums) { return relu(sums); });
            tile.write(y + j * c.channels + k, c.channels, count);
          });
        j += high;
      }
    }
}

// Row `i` of the inputs' gradient, zero before; `dy` begins with row `origin` of the outputs.
inline void depthwise_row_gradient(const Convolution& c, Index i, Index origin, const float* dy, const float* w, float* dx) {
  const Index step = c.across.stride * c.channels;
  for (Index b = 0; b < c.across.taps; ++b) {
    Index first, last;
    places_at(c.across, b, 0, c.width, first, last);
    float* const to = dx + (b * c.across.dilation - c.across.low) * c.channels;
    for (Index j = first; j < last;) {
      const int high = tile_rows(j, last);
      for (Index k = 0; k < c.channels; k += kWidth)
        with_tile(high, 1, [&](auto tile) {
          const Index count = c.channels - k;
          float* const place = to + j * step + k;
#pragma GCC unroll 16
          for (int r = 0; r < decltype(tile)::rows; ++r) tile.sums[r][0] = load(place + r * step, count);
          for (Index a = 0; a < c.down.taps; ++a) {
            const Index distance = i + c.down.low - a * c.down.dilation, from = distance / c.down.stride;
            if (distance < 0 || distance % c.down.stride != 0 || from >= c.down.places) continue;
            const Floats factor = load(w + (a * c.across.taps + b) * c.channels + k, count);
            const float* const d = dy + ((from - origin) * c.across.places + j) * c.channels + k;
#pragma GCC unroll 16
            for (int r = 0; r < decltype(tile)::rows; ++r)
              tile.sums[r][0] += load(d + r * c.channels, count) * factor;
          }
          tile.write(place, step, count);
        });
      j += high;
    }
  }
}

// Adds a piece's products of inputs and gradient to `sums` [tap, tap, channel].
inline void add_depthwise_weights_gradient(const Convolution& c, const float* x, const float* dy, const Piece& piece,
                                           float* sums) {
  const Inputs inputs = inputs_of(c, x, piece);
  const Index taps = c.down.taps * c.across.taps, step = c.across.stride * c.channels;
  for (Index k = 0; k < c.channels; k += kWidth)
    for (Index tap = 0; tap < taps;) {
      const int high = tile_rows(tap, taps);
      with_tile(high, 1, [&](auto tile) {
        constexpr int rows = decltype(tile)::rows;
        const Index count = c.channels - k;
        Index offsets[rows];
        for (int r = 0; r < rows; ++r) {
          const Index a = (tap + r) / c.across.taps, b = (tap + r) % c.across.taps;
          offsets[r] = a * c.down.dilation * inputs.row + b * c.across.dilation * c.channels + k;
        }
        tile.read(sums + tap * c.channels + k, c.channels, count);
        const auto add = [&](auto&& take) {
          const float* d = dy + k;
          for (Index n = 0; n < piece.count; ++n)
            for (Index i = 0; i < piece.last - piece.first; ++i) {
              const float* from = inputs.start + n * inputs.picture + i * c.down.stride * inputs.row;
              for (Index j = 0; j < c.across.places; ++j, d += c.channels, from += step) {
                const Floats slope = take(d);
#pragma GCC unroll 16
                for (int r = 0; r < rows; ++r) tile.sums[r][0] += take(from + offsets[r]) * slope;
              }
            }
        };
        if (count >= kWidth)
          add([](const float* at) { return load(at); });
        else
          add([&](const float* at) { return load(at, count); });
        tile.write(sums + tap * c.channels + k, c.channels, count);
      });
      tap += high;
    }
}

}  // namespace ranvier
