// The gradient of a convolution for its weights and its bias.
#pragma once

#include "conv_forward.h"

namespace ranvier {

// Sums over pictures are made in at most this many parts, added in order: no result depends on the number of threads.
inline constexpr Index kWeightParts = 8;
// And in fewer where the weights are so many that the parts would not fit into the caches.
inline constexpr Index kPartNumbers = 1 << 22;

// A piece has about this many places: a tile of sums is taken up and put away once for all of them.
inline constexpr Index kWeightPlaces = 4 * kPiecePlaces;

struct TapOffsets;
struct PackedGradient;

// Whether the rows of a tile can be neighbours in the picture without becoming too few.
inline bool has_neighbours(const Convolution& c) { return c.run() >= kRows / 2; }

// Adds a piece's products of inputs and gradient to `sums` [tap, tap, channel, filter].
template <bool Neighbours>
void add_weights_gradient(const Convolution& c, const float* x, const float* dy, const Piece& piece, float* sums) {
  const Inputs inputs = inputs_of(c, x, piece);
  const Index channels = c.group_channels(), filters = c.group_filters(), depth = c.depth();
  const Index span = Neighbours ? c.run() : depth;
  const Index step = c.across.stride * c.channels;
  const Index rows_here = piece.last - piece.first, places = c.across.places, count = piece.count * rows_here * places;
  auto* const offsets = reinterpret_cast<Index*>(Scratch<TapOffsets>::floats(2 * depth));
  Index* to = offsets;
  for (Index a = 0; a < c.down.taps; ++a)
    for (Index b = 0; b < c.across.taps; ++b)
      for (Index k = 0; k < channels; ++k)
        *to++ = a * c.down.dilation * inputs.row + b * c.across.dilation * c.channels + k;
  for (Index g = 0; g < c.groups; ++g) {
    const float* right = dy + g * filters;
    Index stride = c.filters, panel = kPanel;
    if (filters % kWidth != 0) {
      float* const packed = Scratch<PackedGradient>::floats(packed_size(count, filters));
      pack(right, c.filters, count, filters, packed);
      right = packed, stride = kPanel, panel = count * kPanel;
    }
    for (Index n = 0; n < filters; n += kPanel)
      for (Index k = 0, end = span; k < depth; end += span)
        for (; k < end;) {
          const int high = tile_rows(k, end);
          with_tile(high, std::min<Index>(kPanel, filters - n), [&](auto tile) {
            [[maybe_unused]] constexpr int rows = decltype(tile)::rows;
            float* const place = sums + k * c.filters + g * filters + n;
            tile.read(place, c.filters, filters - n);
            const float* from = right + n / kPanel * panel;
            for (Index picture = 0; picture < piece.count; ++picture)
              for (Index i = 0; i < rows_here; ++i, from += places * stride) {
                const float* const start =
                    inputs.start + picture * inputs.picture + i * c.down.stride * inputs.row + g * channels;
                if constexpr (Neighbours) {
                  tile.add_neighbours(start + offsets[k], step, places, from, stride);
                } else {
                  const float* left[rows];
                  for (int r = 0; r < rows; ++r) left[r] = start + offsets[k + r];
                  tile.add(left, step, places, from, stride);
                }
              }
            tile.write(place, c.filters, filters - n);
          });
          k += high;
        }
  }
}

inline void add_bias_gradient(Index places, Index filters, const float* dy, float* sums) {
  for (Index n = 0; n < filters; n += kWidth) {
    Floats even{}, odd{};
    Index i = 0;
    for (; i + 2 <= places; i += 2) {
      even += load(dy + i * filters + n, filters - n);
      odd += load(dy + (i + 1) * filters + n, filters - n);
    }
    if (i < places) even += load(dy + i * filters + n, filters - n);
    store(sums + n, filters - n, load(sums + n, filters - n) + (even + odd));
  }
}

// out = the sum of `parts` arrays of `count` numbers that lie `stride` apart, in order.
inline void add_parts(const float* sums, Index parts, Index stride, Index count, float* out) {
  constexpr Index block = 1 << 12;
  parallel((count + block - 1) / block, [&](Index i) {
    const Index end = std::min(count, (i + 1) * block);
    for (Index k = i * block; k < end; k += kWidth) {
      Floats total = load(sums + k, end - k);
      for (Index part = 1; part < parts; ++part) total += load(sums + part * stride + k, end - k);
      store(out + k, end - k, total);
    }
  });
}

struct WeightParts;

// `dw` and `db` where not null.
template <class Gradient>
void convolution_weights_gradient(const Convolution& c, const float* x, const Gradient& gradient, float* dw, float* db) {
  const Index weights = dw == nullptr ? 0 : c.depth() * c.filters, numbers = weights + c.filters;
  const Index row = c.width * c.channels * c.down.stride + c.across.places * c.filters;
  const Pieces pieces(c.pictures, c.down.places, c.across.places, row, kWeightParts, kWeightPlaces);
  const Index all_pieces = pieces.count();
  const Index parts = std::min(all_pieces, std::clamp<Index>(kPartNumbers / numbers, 2, kWeightParts));
  float* const sums = Scratch<WeightParts>::floats(parts * numbers);
  parallel(parts, [&](Index part) {
    float* const own = sums + part * numbers;
    std::memset(own, 0, static_cast<std::size_t>(numbers) * sizeof(float));
    for (Index i = part * all_pieces / parts; i < (part + 1) * all_pieces / parts; ++i) {
      const Piece piece = pieces[i];
      const float* const dy = gradient(piece);
      if (dw != nullptr && c.apart())
        add_depthwise_weights_gradient(c, x, dy, piece, own);
      else if (dw != nullptr && has_neighbours(c))
        add_weights_gradient<true>(c, x, dy, piece, own);
      else if (dw != nullptr)
        add_weights_gradient<false>(c, x, dy, piece, own);
      if (db != nullptr)
        add_bias_gradient(piece.count * (piece.last - piece.first) * c.across.places, c.filters, dy, own + weights);
    }
  });
  if (dw != nullptr) add_parts(sums, parts, numbers, weights, dw);
  if (db != nullptr) add_parts(sums + weights, parts, numbers, c.filters, db);
}

}  // namespace ranvier
