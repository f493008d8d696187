// Where the windows of a convolution stand in a picture whose channels lie last, and how its work is cut into pieces.
#pragma once

#include "matmul.h"
#include "scratch.h"
#include "threads.h"

namespace ranvier {

// How a window slides along an axis: tap t of place i, one of `places`, is at i * stride + t * dilation - low.
struct Sliding {
  Index taps, stride, dilation, low, places;

  Index reach() const { return dilation * (taps - 1) + 1; }
  // Whether the windows of places [first, last) stay on an axis of this length.
  bool inside(Index first, Index last, Index length) const {
    return first * stride >= low && (last - 1) * stride + reach() - low <= length;
  }
};

// The first and the last place (exclusive) whose tap lies on [from, to) of an axis.
inline void places_at(const Sliding& axis, Index tap, Index from, Index to, Index& first, Index& last) {
  const auto up = [&](Index position) {  // the first place at `position` or behind it
    const Index distance = position + axis.low - tap * axis.dilation;
    return distance <= 0 ? 0 : (distance + axis.stride - 1) / axis.stride;
  };
  first = std::min(up(from), axis.places);
  last = std::max(first, std::min(up(to), axis.places));
}

struct Convolution {
  Index pictures, height, width, channels, filters, groups;
  Sliding down, across;
  bool relu;

  Index group_channels() const { return channels / groups; }
  Index group_filters() const { return filters / groups; }
  Index depth() const { return down.taps * across.taps * group_channels(); }
  Index places() const { return down.places * across.places; }
  // Whether each channel is by itself, with one filter.
  bool apart() const { return groups > 1 && groups == channels && groups == filters; }
  // Numbers that lie next to each other in all windows, and how many such runs make a row of taps.
  bool whole_rows() const { return groups == 1 && across.dilation == 1; }
  Index run() const { return whole_rows() ? across.taps * channels : group_channels(); }
  Index runs() const { return whole_rows() ? 1 : across.taps; }
};

// A window of one tap at every place sees no neighbours: all places of all pictures become one tall picture.
inline Convolution simplified(Convolution c) {
  const auto alone = [](const Sliding& axis, Index length) {
    return axis.taps == 1 && axis.stride == 1 && axis.low == 0 && axis.places == length;
  };
  if (!alone(c.down, c.height)) return c;
  c.height *= c.pictures;
  c.pictures = 1;
  if (alone(c.across, c.width)) {
    const Index all_places = c.height * c.width;
    Index width = std::min<Index>(all_places, 8 * kRows);
    while (all_places % width != 0) --width;
    if (width >= c.width) {
      c.height = all_places / width;
      c.width = c.across.places = width;
    }
  }
  c.down.places = c.height;
  return c;
}

// Some pictures, or some rows of one: rows [first, last) of the outputs of `count` pictures from `picture` on.
struct Piece {
  Index picture, count, first, last;
};

inline constexpr Index kPiecePlaces = 8 * kRows;  // a piece has about this many places at least
inline constexpr Index kPieceNumbers = 1 << 16;   // and reads and writes about this many numbers at most

// Cuts work on `pictures` of `rows` rows, each of `row_places` places and `row_numbers` numbers, into pieces.
class Pieces {
 public:
  // `wanted`: how many pieces there should be at least, where pieces of about `places` can be had.
  Pieces(Index pictures, Index rows, Index row_places, Index row_numbers, Index wanted, Index places = kPiecePlaces)
      : pictures_(pictures), rows_(rows) {
    const Index least = std::max<Index>(1, (places / 2) / row_places);
    const Index most = std::max<Index>(1, kPieceNumbers / std::max<Index>(row_numbers, 1));
    band_ = std::min(rows, most);
    const Index bands_wanted = (wanted + pictures - 1) / pictures;
    band_ = std::min(band_, std::max(std::min(least, rows), (rows + bands_wanted - 1) / bands_wanted));
    bands_ = (rows + band_ - 1) / band_;
    band_ = (rows + bands_ - 1) / bands_;
    bands_ = (rows + band_ - 1) / band_;
    together_ = bands_ > 1 ? 1 : std::max<Index>(1, std::min(places / (rows * row_places), pictures / wanted));
  }

  Index count() const { return (pictures_ + together_ - 1) / together_ * bands_; }

  Piece operator[](Index i) const {
    const Index picture = i / bands_ * together_, first = i % bands_ * band_;
    return {picture, std::min(together_, pictures_ - picture), first, std::min(rows_, first + band_)};
  }

 private:
  Index pictures_, rows_, band_, bands_, together_;
};

// A piece's part of the inputs: where the window of the first place begins, and the distances from there.
struct Inputs {
  const float* start;
  Index row, picture;
};

struct PaddedInputs;

// What the windows of a piece see: the pictures themselves, or, where windows hang over, copies in zeros.
inline Inputs inputs_of(const Convolution& c, const float* x, const Piece& piece) {
  const Index picture = c.height * c.width * c.channels, row = c.width * c.channels;
  const Index top = piece.first * c.down.stride - c.down.low;
  if (c.down.inside(piece.first, piece.last, c.height) && c.across.inside(0, c.across.places, c.width))
    return {x + piece.picture * picture + top * row - c.across.low * c.channels, row, picture};
  const Index high = (piece.last - 1 - piece.first) * c.down.stride + c.down.reach();
  const Index wide = (c.across.places - 1) * c.across.stride + c.across.reach();
  const Index begin = std::max<Index>(0, c.across.low), end = std::min(wide, c.width + c.across.low);
  const Index padded_row = wide * c.channels;
  float* to = Scratch<PaddedInputs>::floats(piece.count * high * padded_row);
  const Inputs found{to, padded_row, high * padded_row};
  const auto bytes = [&](Index columns) { return static_cast<std::size_t>(columns * c.channels) * sizeof(float); };
  for (Index n = piece.picture; n < piece.picture + piece.count; ++n)
    for (Index i = top; i < top + high; ++i, to += padded_row) {
      if (i < 0 || i >= c.height || begin >= end) {
        std::memset(to, 0, bytes(wide));
        continue;
      }
      std::memset(to, 0, bytes(begin));
      std::memcpy(to + begin * c.channels, x + n * picture + i * row + (begin - c.across.low) * c.channels, bytes(end - begin));
      std::memset(to + end * c.channels, 0, bytes(wide - end));
    }
  return found;
}

struct WindowStarts;

// Where the window of each place of a piece begins.
inline const float* const* window_starts(const Convolution& c, const Inputs& inputs, const Piece& piece) {
  const Index count = piece.count * (piece.last - piece.first) * c.across.places;
  const auto** const starts = reinterpret_cast<const float**>(Scratch<WindowStarts>::floats(2 * count));
  const float** to = starts;
  for (Index n = 0; n < piece.count; ++n)
    for (Index i = 0; i < piece.last - piece.first; ++i) {
      const float* from = inputs.start + n * inputs.picture + i * c.down.stride * inputs.row;
      for (Index j = 0; j < c.across.places; ++j, from += c.across.stride * c.channels) *to++ = from;
    }
  return starts;
}

}  // namespace ranvier
