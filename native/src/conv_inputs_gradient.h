// The gradient of a convolution for its inputs.
#pragma once

#include "conv_forward.h"

namespace ranvier {

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
      constexpr int rows = decltype(tile)::rows;
      float* const place = to + j * step;
      tile.read(place, step, left_channels);
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

// Where windows move by one place the gradient is a convolution of what comes in with the weights turned round.
inline Convolution turned_round(const Convolution& c) {
  const auto turned = [](const Sliding& axis, Index length) {
    return Sliding{axis.taps, 1, axis.dilation, axis.dilation * (axis.taps - 1) - axis.low, length};
  };
  Convolution back = c;
  back.height = c.down.places, back.width = c.across.places;
  back.channels = c.filters, back.filters = c.channels;
  back.down = turned(c.down, c.height), back.across = turned(c.across, c.width);
  back.relu = false;
  return back;
}

// Measured (benchmarks/kernels.py): it wins where sums are one vector wide, which would go to memory after each row of
// taps, for windows of one tap, and where each channel is by itself and has three taps in a row. It multiplies the
// zeros around what comes in: there must be few, and no infinity.
inline bool by_turning_round(const Convolution& c, const float* w) {
  const Index taps = c.down.taps * c.across.taps, weights = c.depth() * c.filters;
  if (c.down.stride != 1 || c.across.stride != 1) return false;
  if (c.apart() ? !has_three_taps(c) : taps > 1 && c.group_channels() > kWidth) return false;
  if (10 * c.height * c.width > 11 * c.places()) return false;
  Floats rests{};
  for (Index k = 0; k < weights; k += kWidth) rests += load(w + k, weights - k) * 0.0f;
  return sum(rests) == 0.0f;
}

// The weights turned round and transposed, in panels: those of one group are packed_size(depth, channels) long. Where
// each channel is by itself they are [tap, tap, channel].
inline void pack_weights_turned(const Convolution& c, const float* w, float* to) {
  const Index taps = c.down.taps * c.across.taps, filters = c.group_filters(), channels = c.group_channels();
  if (c.apart()) {
    for (Index tap = 0; tap < taps; ++tap)
      std::copy_n(w + (taps - 1 - tap) * c.channels, c.channels, to + tap * c.channels);
    return;
  }
  const Index one = packed_size(taps * filters, channels);
  parallel(c.groups * taps, [&](Index i) {
    const Index g = i / taps, tap = i % taps;
    const float* const from = w + (taps - 1 - tap) * channels * c.filters + g * filters;
    for (Index n = 0; n < channels; n += kPanel)
      pack_transposed(from + n * c.filters, c.filters, filters, std::min<Index>(kPanel, channels - n),
                      to + g * one + n * taps * filters + tap * filters * kPanel);
  });
}

struct TurnedWeights;

template <class Gradient>
void inputs_gradient_turned(const Convolution& c, const float* w, const Gradient& gradient, float* dx) {
  const Convolution back = turned_round(c);
  float* const packed = Scratch<TurnedWeights>::floats(c.groups * packed_size(back.depth(), c.group_channels()));
  pack_weights_turned(c, w, packed);
  const Index row = c.width * c.channels;
  const Pieces pieces(c.pictures, c.height, c.width, row + c.across.places * c.filters, 4 * thread_count());
  parallel(pieces.count(), [&](Index p) {
    const Piece piece = pieces[p];
    const Index top = piece.first - back.down.low;  // the first row of gradient that a window of the piece sees
    const Index first = std::clamp<Index>(top, 0, c.down.places);
    const Index last = std::clamp<Index>(piece.last - 1 - back.down.low + back.down.reach(), first, c.down.places);
    Convolution band = back;
    band.pictures = 1, band.height = last - first;
    band.down.low = first - top;
    band.down.places = piece.last - piece.first;
    for (Index n = piece.picture; n < piece.picture + piece.count; ++n) {
      const float* const dy = gradient(Piece{n, 1, first, last});
      float* const to = dx + (n * c.height + piece.first) * row;
      const Piece all{0, 1, 0, band.down.places};
      if (c.apart())
        depthwise_piece(band, dy, packed, nullptr, all, to);
      else
        convolve_piece(band, dy, packed, nullptr, all, to);
    }
  });
}

struct TransposedWeights;

template <class Gradient>
void convolution_inputs_gradient(const Convolution& c, const float* w, const Gradient& gradient, float* dx) {
  if (by_turning_round(c, w)) return inputs_gradient_turned(c, w, gradient, dx);
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

}  // namespace ranvier
