// Convolution whose outputs go through max pooling at once: only a band of them exists at any time.
//
// The pooling's windows neither overlap nor hang over the edges, so that each band is pooled by itself. What its
// gradient needs are the winners' taps and the pooled outputs.
#pragma once

#include "conv.h"
#include "pool.h"

namespace ranvier {

struct PooledBand;

// `winners` may be null: nobody wants the gradient.
inline void conv_pool_forward(const Convolution& c, const Pooling& p, const float* x, const float* w, const float* bias,
                              float* y, Byte* winners) {
  float* const packed = Scratch<PackedWeights>::floats(c.groups * packed_size(c.depth(), c.group_filters()));
  pack_weights(c, w, packed);
  const Index row = c.across.places * c.filters, pooled_row = p.across.places * c.filters;
  const Index numbers = p.down.stride * (c.width * c.channels * c.down.stride + row);
  const Pieces pieces(c.pictures, p.down.places, p.down.stride * c.across.places, numbers, 4 * thread_count());
  parallel(pieces.count(), [&](Index i) {
    const Piece piece = pieces[i];
    const Index rows = (piece.last - piece.first - 1) * p.down.stride + p.down.taps;
    Pooling band = p;
    band.height = rows;
    float* const sums = Scratch<PooledBand>::floats(rows * row);
    for (Index n = piece.picture; n < piece.picture + piece.count; ++n) {
      const Index first = piece.first * p.down.stride, to = (n * p.down.places + piece.first) * pooled_row;
      convolve_piece(c, x, packed, bias, Piece{n, 1, first, first + rows}, sums);
      largest_rows(band, sums, 0, piece.last - piece.first, y + to, winners == nullptr ? nullptr : winners + to);
    }
  });
}

struct UnpooledRows;

// d loss / d sums: what comes in goes to the winner of each window, behind ReLU only where the output is positive.
struct UnpooledGradient {
  const Convolution& c;
  const Pooling& p;
  const float *dy, *y;
  const Byte* winners;

  const float* operator()(const Piece& piece) const {
    const Index row = c.across.places * c.filters, rows = piece.last - piece.first;
    float* const gradient = Scratch<UnpooledRows>::floats(piece.count * rows * row);
    float* to = gradient;
    for (Index n = piece.picture; n < piece.picture + piece.count; ++n)
      for (Index i = piece.first; i < piece.last; ++i, to += row) unpool_row(n, i, to);
    return gradient;
  }

  void unpool_row(Index n, Index i, float* to) const {
    const Index window = i / p.down.stride, a = i % p.down.stride, side = p.across.taps;
    const bool seen = a < p.down.taps && window < p.down.places;
    if (!seen || p.across.stride != side || p.across.places * side != c.across.places)
      std::memset(to, 0, static_cast<std::size_t>(c.across.places * c.filters) * sizeof(float));
    if (!seen) return;
    Index from = (n * p.down.places + window) * p.across.places * c.filters;
    for (Index j = 0; j < p.across.places; ++j, from += c.filters, to += p.across.stride * c.filters)
      for (Index k = 0; k < c.filters; k += kWidth) {
        const Index count = c.filters - k;
        const Ints winner = load_bytes(winners + from + k, count);
        Floats d = load(dy + from + k, count);
        if (c.relu) d = choose(load(y + from + k, count) > 0.0f, d, Floats{});
        for (Index b = 0; b < side; ++b)
          store(to + b * c.filters + k, count, choose(winner == static_cast<std::int32_t>(a * side + b), d, Floats{}));
      }
  }
};

// Null for what is not wanted; `y` are the pooled outputs.
inline void conv_pool_backward(const Convolution& c, const Pooling& p, const float* x, const float* w, const float* y,
                               const Byte* winners, const float* dy, float* dx, float* dw, float* db) {
  const UnpooledGradient gradient{c, p, dy, y, winners};
  if (dx != nullptr) convolution_inputs_gradient(c, w, gradient, dx);
  if (dw != nullptr || db != nullptr) convolution_weights_gradient(c, x, gradient, dw, db);
}

}  // namespace ranvier
