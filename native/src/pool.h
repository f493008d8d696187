// Pooling of pictures whose channels lie last: the largest or the average number under a window, and its gradient.
//
// The largest number's place is kept as a byte, the number of its tap, so that the gradient needs neither inputs nor
// outputs. Of equal numbers the first wins, of not-a-numbers the last; what lies outside counts as minus infinity, so
// that a window of nothing but minus infinities that begins outside has no winner (kNobody).
#pragma once

#include "conv.h"

namespace ranvier {

struct Pooling {
  Index pictures, height, width, channels;
  Sliding down, across;

  bool overlapping() const { return down.stride < down.taps || across.stride < across.taps; }
  // Whether every position lies under some window.
  bool covering() const {
    return down.stride <= down.taps && across.stride <= across.taps && down.low >= 0 && across.low >= 0 &&
           (down.places - 1) * down.stride + down.taps - down.low >= height &&
           (across.places - 1) * across.stride + across.taps - across.low >= width;
  }
};

using Byte = std::uint8_t;
typedef Byte Bytes __attribute__((vector_size(kWidth)));
inline constexpr std::int32_t kNobody = 255;

RV_INLINE Ints load_bytes(const Byte* from, Index count) {
  Bytes bytes{};
  if (count >= kWidth)
    std::memcpy(&bytes, from, kWidth);
  else
    for (Index i = 0; i < count; ++i) bytes[i] = from[i];
  return __builtin_convertvector(bytes, Ints);
}
RV_INLINE void store_bytes(Byte* to, Index count, Ints values) {
  const Bytes bytes = __builtin_convertvector(values, Bytes);
  if (count >= kWidth)
    std::memcpy(to, &bytes, kWidth);
  else
    for (Index i = 0; i < count; ++i) to[i] = bytes[i];
}

// The taps [first, last) of the window at `place` that lie on an axis of this length; `start` is where tap 0 is.
struct Inside {
  Index start, first, last;
};
RV_INLINE Inside inside_taps(const Sliding& axis, Index place, Index length) {
  const Index start = place * axis.stride - axis.low;
  const Index first = std::min(axis.taps, std::max<Index>(0, -start));
  return {start, first, std::max(first, std::min(axis.taps, length - start))};
}

// Calls `body(std::integral_constant, ...)` with the sides of common windows known to the compiler, else with 0.
template <class Body>
RV_INLINE void with_sides(const Pooling& p, Body&& body) {
  if (p.down.taps == 2 && p.across.taps == 2)
    body(std::integral_constant<int, 2>{});
  else if (p.down.taps == 3 && p.across.taps == 3)
    body(std::integral_constant<int, 3>{});
  else
    body(std::integral_constant<int, 0>{});
}

// The largest numbers of one place, `from` being where tap 0 of it is. `Side`: all Side x Side taps are inside.
template <int Side>
RV_INLINE void largest_of_place(const Pooling& p, const float* from, const Inside& down, const Inside& across, float* y,
                                Byte* winners) {
  const Index row = p.width * p.channels;
  const Index a0 = Side ? 0 : down.first, a1 = Side ? Side : down.last;
  const Index b0 = Side ? 0 : across.first, b1 = Side ? Side : across.last, wide = Side ? Side : p.across.taps;
  const bool outside = a0 > 0 || b0 > 0 || a0 >= a1 || b0 >= b1;
  for (Index k = 0; k < p.channels; k += kWidth) {
    const Index count = p.channels - k;
    Floats most = outside ? all(-__builtin_inff()) : load(from + k, count);
    Ints winner = outside ? Ints{} + kNobody : Ints{};
#pragma GCC unroll 3
    for (Index a = a0; a < a1; ++a)
#pragma GCC unroll 3
      for (Index b = b0; b < b1; ++b) {
        const Floats value = load(from + a * row + b * p.channels + k, count);
        const Ints better = (value > most) | (value != value);
        most = choose(better, value, most);
        winner = (better & static_cast<std::int32_t>(a * wide + b)) | (~better & winner);
      }
    store(y + k, count, most);
    if (winners != nullptr) store_bytes(winners + k, count, winner);
  }
}

// Rows [first, last) of the outputs of a picture `x`; `y` and `winners` (or null) begin with row `first`.
inline void largest_rows(const Pooling& p, const float* x, Index first, Index last, float* y, Byte* winners) {
  with_sides(p, [&](auto side) {
    for (Index i = first; i < last; ++i) {
      const Inside down = inside_taps(p.down, i, p.height);
      const bool whole_down = down.last - down.first == p.down.taps;
      for (Index j = 0; j < p.across.places; ++j, y += p.channels) {
        const Inside across = inside_taps(p.across, j, p.width);
        const float* const from = x + (down.start * p.width + across.start) * p.channels;
        if (side != 0 && whole_down && across.last - across.first == p.across.taps)
          largest_of_place<side>(p, from, down, across, y, winners);
        else
          largest_of_place<0>(p, from, down, across, y, winners);
        if (winners != nullptr) winners += p.channels;
      }
    }
  });
}

inline Pieces pool_pieces(const Pooling& p) {
  const Index numbers = p.width * p.channels * p.down.stride;
  return Pieces(p.pictures, p.down.places, p.across.places, numbers, 4 * thread_count());
}

template <class Rows>
void pool_forward(const Pooling& p, const float* x, Rows&& rows) {
  const Pieces pieces = pool_pieces(p);
  parallel(pieces.count(), [&](Index i) {
    const Piece piece = pieces[i];
    for (Index n = piece.picture; n < piece.picture + piece.count; ++n)
      rows(x + n * p.height * p.width * p.channels, piece.first, piece.last,
           (n * p.down.places + piece.first) * p.across.places * p.channels);
  });
}

// `winners` may be null: nobody wants the gradient.
inline void max_pool_forward(const Pooling& p, const float* x, float* y, Byte* winners) {
  pool_forward(p, x, [&](const float* picture, Index first, Index last, Index to) {
    largest_rows(p, picture, first, last, y + to, winners == nullptr ? nullptr : winners + to);
  });
}

inline void average_pool_forward(const Pooling& p, const float* x, float* y) {
  const Index row = p.width * p.channels;
  pool_forward(p, x, [&](const float* picture, Index first, Index last, Index at) {
    float* to = y + at;
    for (Index i = first; i < last; ++i) {
      const Inside down = inside_taps(p.down, i, p.height);
      for (Index j = 0; j < p.across.places; ++j, to += p.channels) {
        const Inside across = inside_taps(p.across, j, p.width);
        const float share = 1.0f / static_cast<float>((down.last - down.first) * (across.last - across.first));
        for (Index k = 0; k < p.channels; k += kWidth) {
          Floats total{};
          for (Index a = down.first; a < down.last; ++a)
            for (Index b = across.first; b < across.last; ++b)
              total += load(picture + (down.start + a) * row + (across.start + b) * p.channels + k, p.channels - k);
          store(to + k, p.channels - k, total * share);
        }
      }
    }
  });
}

// Gives the numbers of each place back to the taps under its window: `give(from, tap, count)` is a tap's part of the
// chunk of channels that begins at number `from` of the outputs. One picture is made by one thread.
template <bool Added, class Give>
RV_INLINE void give_back_picture(const Pooling& p, Index outputs, float* dx, Give&& give) {
  const Index row = p.width * p.channels;
  for (Index i = 0; i < p.down.places; ++i) {
    const Inside down = inside_taps(p.down, i, p.height);
    for (Index j = 0; j < p.across.places; ++j, outputs += p.channels) {
      const Inside across = inside_taps(p.across, j, p.width);
      float* const to = dx + down.start * row + across.start * p.channels;
      for (Index k = 0; k < p.channels; k += kWidth) {
        const Index count = p.channels - k;
        const auto part = give(outputs + k, count, (down.last - down.first) * (across.last - across.first));
        for (Index a = down.first; a < down.last; ++a)
          for (Index b = across.first; b < across.last; ++b) {
            float* const place = to + a * row + b * p.channels + k;
            Floats value = part(static_cast<std::int32_t>(a * p.across.taps + b));
            if constexpr (Added) value += load(place, count);
            store(place, count, value);
          }
      }
    }
  }
}

template <class Give>
void pool_backward(const Pooling& p, float* dx, Give&& give) {
  const Index picture = p.height * p.width * p.channels, outputs = p.down.places * p.across.places * p.channels;
  const bool added = p.overlapping(), zeros = added || !p.covering();
  parallel(p.pictures, [&](Index n) {
    float* const to = dx + n * picture;
    if (zeros) std::memset(to, 0, static_cast<std::size_t>(picture) * sizeof(float));
    if (added)
      give_back_picture<true>(p, n * outputs, to, give);
    else
      give_back_picture<false>(p, n * outputs, to, give);
  });
}

inline void max_pool_backward(const Pooling& p, const Byte* winners, const float* dy, float* dx) {
  pool_backward(p, dx, [&](Index from, Index count, Index) {
    const Ints winner = load_bytes(winners + from, count);
    const Floats d = load(dy + from, count);
    return [=](std::int32_t tap) { return choose(winner == tap, d, Floats{}); };
  });
}

inline void average_pool_backward(const Pooling& p, const float* dy, float* dx) {
  pool_backward(p, dx, [&](Index from, Index count, Index taps) {
    const Floats share = load(dy + from, count) * (1.0f / static_cast<float>(taps));
    return [=](std::int32_t) { return share; };
  });
}

}  // namespace ranvier
