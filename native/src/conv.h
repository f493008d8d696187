// Convolution of pictures whose channels lie last, and its gradients; no windows are ever copied out of a picture.
//
//   y[n, i, j, f] = relu(bias[f] + sum over a, b, c of x[n, i * stride + a * dilation - low, ..., c] * w[a, b, c, f])
//
// A row of the micro-kernel's left factor is a window, read where it lies in the picture; only a picture whose windows
// hang over its edges is copied, with zeros around it. Groups of channels are convolutions beside each other.
#pragma once

#include "depthwise.h"

namespace ranvier {

// --- forward ----------------------------------------------------------------------------------------------------------

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

// --- the gradient that comes in ---------------------------------------------------------------------------------------

// `gradient(piece)` returns d loss / d sums for the rows of a piece, [picture, row, place, filter] without gaps.
struct PlainGradient {
  const float* dy;
  Index row, picture;  // numbers in a row of outputs, and in a picture of them

  const float* operator()(const Piece& piece) const { return dy + piece.picture * picture + piece.first * row; }
};

struct MaskedRows;

// Behind ReLU: what comes in where the output is positive.
struct MaskedGradient {
  const float *dy, *y;
  Index row, picture;

  const float* operator()(const Piece& piece) const {
    const Index from = piece.picture * picture + piece.first * row;
    const Index count = piece.count > 1 ? piece.count * picture : (piece.last - piece.first) * row;
    float* const to = Scratch<MaskedRows>::floats(count);
    for (Index k = 0; k < count; k += kWidth) {
      const Floats output = load(y + from + k, count - k), d = load(dy + from + k, count - k);
      store(to + k, count - k, choose(output > 0.0f, d, Floats{}));
    }
    return to;
  }
};

// --- gradient for the inputs ------------------------------------------------------------------------------------------

// The weights transposed: for each group and tap panels of [filter][channel].
inline void pack_weights_transposed(const Convolution& c, const float* w, float* to) {
  const Index taps = c.down.taps * c.across.taps, one = packed_size(c.group_filters(), c.group_channels());
  parallel(c.groups * taps, [&](Index i) {
    const Index g = i / taps, tap = i % taps;
    pack_transposed(w + tap * c.group_channels() * c.filters + g * c.group_filters(), c.filters, c.group_filters(),
                    c.group_channels(), to + i * one);
  });
}

// One row of taps' contribution to row `i` of the inputs' gradient, for panel `n` of a group's channels.
template <class Tap>
inline void add_row_gradient(const Convolution& c, Index i, Index b, Index n, Index origin, const float* dy, float* dx,
                             Tap&& weights_at) {
  Index first, last;
  places_at(c.across, b, 0, c.width, first, last);
  const Index filters = c.group_filters(), left_channels = c.group_channels() - n;
  const Index step = c.across.stride * c.channels;
  float* const to = dx + (b * c.across.dilation - c.across.low) * c.channels;
  for (Index j = first; j < last;) {
    const int count = tile_rows(j, last);
    with_tile(count, std::min<Index>(kPanel, left_channels), [&](auto tile) {
      constexpr int rows = decltype(tile)::rows, vectors = decltype(tile)::vectors;
      float* const place = to + j * step;
      for (int r = 0; r < rows; ++r)
        for (int v = 0; v < vectors; ++v)
          tile.sums[r][v] = load(place + r * step + v * kWidth, left_channels - v * kWidth);
      for (Index a = 0; a < c.down.taps; ++a) {
        const Index distance = i + c.down.low - a * c.down.dilation, from = distance / c.down.stride;
        if (distance < 0 || distance % c.down.stride != 0 || from >= c.down.places) continue;
        const float* left[rows];
        for (int r = 0; r < rows; ++r) left[r] = dy + ((from - origin) * c.across.places + j + r) * c.filters;
        tile.add(left, 1, filters, weights_at(a));
      }
      tile.write(place, step, left_channels);
    });
    j += count;
  }
}

struct TransposedWeights;

template <class Gradient>
void convolution_inputs_gradient(const Convolution& c, const float* w, const Gradient& gradient, float* dx) {
  const Index filters = c.group_filters(), channels = c.group_channels(), one = packed_size(filters, channels);
  float* packed = nullptr;
  if (!c.apart()) {
    packed = Scratch<TransposedWeights>::floats(c.groups * c.down.taps * c.across.taps * one);
    pack_weights_transposed(c, w, packed);
  }
  const Index row = c.width * c.channels;
  const Pieces pieces(c.pictures, c.height, c.width, row + c.across.places * c.filters / c.down.stride, 4 * thread_count());
  parallel(pieces.count(), [&](Index p) {
    const Piece piece = pieces[p];
    Index first = c.down.places, last = 0;
    for (Index a = 0; a < c.down.taps; ++a) {
      Index from, to;
      places_at(c.down, a, piece.first, piece.last, from, to);
      if (from < to) first = std::min(first, from), last = std::max(last, to);
    }
    for (Index picture = piece.picture; picture < piece.picture + piece.count; ++picture) {
      float* const to = dx + picture * c.height * row;
      std::memset(to + piece.first * row, 0, static_cast<std::size_t>((piece.last - piece.first) * row) * sizeof(float));
      if (first >= last) continue;
      const float* const dy = gradient(Piece{picture, 1, first, last});
      if (c.apart())
        for (Index i = piece.first; i < piece.last; ++i) depthwise_row_gradient(c, i, first, dy, w, to + i * row);
      for (Index g = 0; g < c.groups && !c.apart(); ++g)
        for (Index n = 0; n < channels; n += kPanel)
          for (Index b = 0; b < c.across.taps; ++b)
            for (Index i = piece.first; i < piece.last; ++i)
              add_row_gradient(c, i, b, n, first, dy + g * filters, to + i * row + g * channels + n, [&](Index a) {
                return packed + ((g * c.down.taps + a) * c.across.taps + b) * one + n * filters;
              });
    }
  });
}

// --- gradient for the weights -----------------------------------------------------------------------------------------

// Sums over pictures are made in at most this many parts, added in order: no result depends on the number of threads.
inline constexpr Index kWeightParts = 8;
// And in fewer where the weights are so many that the parts would not fit into the caches.
inline constexpr Index kPartNumbers = 1 << 22;

struct TapOffsets;
struct PackedGradient;

// Adds a piece's products of inputs and gradient to `sums` [tap, tap, channel, filter].
inline void add_weights_gradient(const Convolution& c, const float* x, const float* dy, const Piece& piece, float* sums) {
  const Inputs inputs = inputs_of(c, x, piece);
  const Index channels = c.group_channels(), filters = c.group_filters(), depth = c.depth();
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
    if (filters % kWidth != 0) {  // whole vectors are read
      float* const packed = Scratch<PackedGradient>::floats(packed_size(count, filters));
      pack(right, c.filters, count, filters, packed);
      right = packed, stride = kPanel, panel = count * kPanel;
    }
    for (Index n = 0; n < filters; n += kPanel)
      for (Index k = 0; k < depth;) {
        const int high = tile_rows(k, depth);
        with_tile(high, std::min<Index>(kPanel, filters - n), [&](auto tile) {
          constexpr int rows = decltype(tile)::rows, vectors = decltype(tile)::vectors;
          float* const place = sums + k * c.filters + g * filters + n;
          for (int r = 0; r < rows; ++r)
            for (int v = 0; v < vectors; ++v)
              tile.sums[r][v] = load(place + r * c.filters + v * kWidth, filters - n - v * kWidth);
          const float* from = right + n / kPanel * panel;
          for (Index picture = 0; picture < piece.count; ++picture)
            for (Index i = 0; i < rows_here; ++i, from += places * stride) {
              const float* const start =
                  inputs.start + picture * inputs.picture + i * c.down.stride * inputs.row + g * channels;
              const float* left[rows];
              for (int r = 0; r < rows; ++r) left[r] = start + offsets[k + r];
              tile.add(left, c.across.stride * c.channels, places, from, stride);
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
  const Pieces pieces(c.pictures, c.down.places, c.across.places, row, kWeightParts);
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
      else if (dw != nullptr)
        add_weights_gradient(c, x, dy, piece, own);
      if (db != nullptr)
        add_bias_gradient(piece.count * (piece.last - piece.first) * c.across.places, c.filters, dy, own + weights);
    }
  });
  if (dw != nullptr) add_parts(sums, parts, numbers, weights, dw);
  if (db != nullptr) add_parts(sums + weights, parts, numbers, c.filters, db);
}

// Null for what is not wanted; `y` is null where there was no ReLU.
inline void convolution_backward(Convolution c, const float* x, const float* w, const float* y, const float* dy, float* dx,
                                 float* dw, float* db) {
  c = simplified(c);
  const Index row = c.across.places * c.filters, picture = c.places() * c.filters;
  const auto all = [&](const auto& gradient) {
    if (dx != nullptr) convolution_inputs_gradient(c, w, gradient, dx);
    if (dw != nullptr || db != nullptr) convolution_weights_gradient(c, x, gradient, dw, db);
  };
  if (c.relu)
    all(MaskedGradient{dy, y, row, picture});
  else
    all(PlainGradient{dy, row, picture});
}

}  // namespace ranvier
