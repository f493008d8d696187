// Convolution of pictures whose channels lie last; no windows are ever copied out of a picture.
//
//   y[n, i, j, f] = relu(bias[f] + sum over a, b, c of x[n, i * stride + a * dilation - low, ..., c] * w[a, b, c, f])
//
// A row of the micro-kernel's left factor is a window, read where it lies in the picture; only a picture whose windows
// hang over its edges is copied, with zeros around it. Groups of channels are convolutions beside each other.
#pragma once

#include "depthwise.h"

namespace ranvier {

// The weights of all groups in panels; those of one group are packed_size(depth, group_filters) long.
inline void pack_weights(const Convolution& c, const float* w, float* to) {
  for (Index g = 0; g < c.groups; ++g)
    pack(w + g * c.group_filters(), c.filters, c.depth(), c.group_filters(),
         to + g * packed_size(c.depth(), c.group_filters()));
}

// The outputs of a piece, place after place, to `y`.
inline void convolve_piece(const Convolution& c, const float* x, const float* packed, const float* bias,
                           const Piece& piece, float* y) {
  const Inputs inputs = inputs_of(c, x, piece);
  const float* const* const starts = window_starts(c, inputs, piece);
  const Index filters = c.group_filters(), depth = c.depth(), run = c.run(), runs = c.runs();
  const Index down = c.down.dilation * inputs.row, across = c.across.dilation * c.channels;
  const Index count = piece.count * (piece.last - piece.first) * c.across.places;
  for (Index g = 0; g < c.groups; ++g) {
    const float* const weights = packed + g * packed_size(depth, filters);
    const float* const first = bias == nullptr ? nullptr : bias + g * filters;
    tiled(count, filters, [&](auto tile, Index i, Index n) {
      constexpr int rows = decltype(tile)::rows;
      const float* right = weights + n * depth;
      tile.start(first == nullptr ? nullptr : first + n, filters - n);
      for (Index a = 0; a < c.down.taps; ++a)
        for (Index b = 0; b < runs; ++b, right += run * kPanel) {
          const Index shift = a * down + b * across + g * c.group_channels();
          const float* left[rows];
          for (int r = 0; r < rows; ++r) left[r] = starts[i + r] + shift;
          tile.add(left, 1, run, right);
        }
      if (c.relu) tile.apply([](Floats sums) { return relu(sums); });
      tile.write(y + i * c.filters + g * filters + n, c.filters, filters - n);
    });
  }
}

struct PackedWeights;

inline void convolution_forward(Convolution c, const float* x, const float* w, const float* bias, float* y) {
  c = simplified(c);
  float* packed = nullptr;
  if (!c.apart()) {
    packed = Scratch<PackedWeights>::floats(c.groups * packed_size(c.depth(), c.group_filters()));
    pack_weights(c, w, packed);
  }
  const Index numbers = c.width * c.channels * c.down.stride + c.across.places * c.filters;
  const Pieces pieces(c.pictures, c.down.places, c.across.places, numbers, 4 * thread_count());
  parallel(pieces.count(), [&](Index i) {
    const Piece piece = pieces[i];
    float* const to = y + (piece.picture * c.places() + piece.first * c.across.places) * c.filters;
    if (c.apart())
      depthwise_piece(c, x, w, bias, piece, to);
    else
      convolve_piece(c, x, packed, bias, piece, to);
  });
}

}  // namespace ranvier
