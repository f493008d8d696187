// A dense layer: y = activation(x @ kernel + bias), and the way back through all of it in one go.
#pragma once

#include <cmath>

#include "dense_product.h"
#include "falling.h"
#include "functions.h"
#include "scratch.h"
#include "threads.h"

namespace ranvier {

enum class Activation { kNone = 0, kRelu = 1, kGelu = 2, kGeluTanh = 3, kSilu = 4 };

namespace inner {

inline constexpr Index kDenseRows = 96;       // rows that go by while their sums are in the nearer caches
inline constexpr Index kDenseParts = 8;       // sums over many rows are made in this many parts, added in order
inline constexpr Index kDensePiece = 1 << 18;  // products for which another thread is worth waking: about 2 us
inline constexpr Index kDenseFlat = 48;        // up to so many rows read the right factor where it lies
inline constexpr Index kDenseManyRows = 1024; // from here on: with fewer, each sum over rows is made in one piece

inline constexpr float kTwiceRoot = 1.5957691216f;  // 2 sqrt(2 / pi)

// activation(x) and its derivative.
template <Activation kActivation>
RV_INLINE void activated(Floats x, Floats& y, Floats& slope) {
  if constexpr (kActivation == Activation::kGelu) {
    // The normal distribution (Abramowitz and Stegun, 1964, 26.2.17; off by less than 1e-7).
    const Floats density = exp_falling(x * x * -0.5f) * 0.398942280f, size = choose(x < 0.0f, -x, x);
    const Floats t = 1.0f / (size * 0.2316419f + 1.0f);
    Floats p = all(1.330274429f);
    p = p * t - 1.821255978f;
    p = p * t + 1.781477937f;
    p = p * t - 0.356563782f;
    p = p * t + 0.319381530f;
    const Floats tail = density * p * t, below = choose(x < 0.0f, tail, 1.0f - tail);
    y = x * below;
    slope = below + x * density;
  } else if constexpr (kActivation == Activation::kGeluTanh) {  // 1 + tanh(u) is 2 sigmoid(2 u)
    const Floats s = sigmoid(x * (x * x * 0.044715f + 1.0f) * kTwiceRoot);
    y = x * s;
    slope = s + y * (1.0f - s) * (x * x * 0.134145f + 1.0f) * kTwiceRoot;
  } else if constexpr (kActivation == Activation::kSilu) {
    const Floats s = sigmoid(x);
    y = x * s;
    slope = s + y * (1.0f - s);
  } else {
    y = relu(x);
    slope = choose(x > 0.0f, all(1.0f), Floats{});
  }
}

// y holds the sums and takes what becomes of them; `slope` takes the derivatives, if it is not null.
template <Activation kActivation>
void activate_all(Index count, float* y, float* slope) {
  for (Index i = 0; i < count; i += kWidth) {
    Floats made, rise;
    activated<kActivation>(load(y + i, count - i), made, rise);
    store(y + i, count - i, made);
    if (slope != nullptr) store(slope + i, count - i, rise);
  }
}

inline void activate(Activation activation, Index count, float* y, float* slope) {
  switch (activation) {
    case Activation::kRelu:
      return activate_all<Activation::kRelu>(count, y, nullptr);
    case Activation::kGelu:
      return activate_all<Activation::kGelu>(count, y, slope);
    case Activation::kGeluTanh:
      return activate_all<Activation::kGeluTanh>(count, y, slope);
    case Activation::kSilu:
      return activate_all<Activation::kSilu>(count, y, slope);
    default:
      return;
  }
}

// to = d * activation': relu's shows in its results, the others' were kept.
inline void slopes(Activation activation, const float* kept, const float* d, Index count, float* to) {
  if (activation == Activation::kRelu) {
    // Chosen, not multiplied: an infinite cotangent stays out where the unit is off.
    for (Index i = 0; i < count; i += kWidth)
      store(to + i, count - i, choose(load(kept + i, count - i) > 0.0f, load(d + i, count - i), Floats{}));
    return;
  }
  for (Index i = 0; i < count; i += kWidth)
    store(to + i, count - i, load(d + i, count - i) * load(kept + i, count - i));
}

// Pieces by all threads, or by the caller alone.
template <class Piece>
void spread(Index pieces, bool alone, Piece&& piece) {
  if (!alone) return parallel(pieces, piece);
  for (Index i = 0; i < pieces; ++i) piece(i);
}

struct DenseRight;
struct DenseTurned;
struct DenseSlopes;
struct DensePanel;
struct DenseSums;

// A right factor that all threads read, packed.
inline Right shared_right(const float* from, Index depth, Index columns, float* room) {
  const Index panel = depth * kPanel;
  parallel(panels(columns), [&](Index i) {
    pack(from + i * kPanel, columns, depth, std::min<Index>(kPanel, columns - i * kPanel), room + i * panel);
  });
  return {room, kPanel, depth};
}

// How a product is cut into pieces for the threads. Every number of it is one sum in one piece, so that the cut, which
// depends on how many threads there are, does not show in the numbers.
struct Cut {
  Index rows, columns, high, wide, down, across;
  bool alone;  // too little for more than one thread
  Cut(Index rows, Index columns, Index depth) : rows(rows), columns(columns) {
    const Index most = thread_count() == 1 ? 1 : 4 * thread_count();
    const Index wanted = std::clamp<Index>(rows * columns * depth / kDensePiece, 1, most);
    alone = wanted == 1;
    wide = columns >= 2 * kPanel * wanted ? 2 * kPanel : kPanel;
    across = (columns + wide - 1) / wide;
    const Index strips = std::max<Index>(1, wanted / across), tiles = (rows + kRows - 1) / kRows;
    high = (tiles + strips - 1) / strips * kRows;
    down = (rows + high - 1) / high;
  }
  Index pieces() const { return down * across; }
  // body(first row, rows, first column, columns)
  template <class Body>
  void piece(Index i, Body&& body) const {
    const Index row = i % down * high, column = i / down * wide;
    body(row, std::min(high, rows - row), column, std::min(wide, columns - column));
  }
};

inline Right turned_right(const float* from, Index depth, Index columns, float* room) {
  const Index panel = depth * kPanel;
  parallel(panels(columns), [&](Index i) {
    pack_transposed(from + i * kPanel * depth, depth, depth, std::min<Index>(kPanel, columns - i * kPanel),
                    room + i * panel);
  });
  return {room, kPanel, depth};
}

inline Right packed_rows(const float* from, Index rows, Index columns, float* room) {
  pack(from, columns, rows, columns, room);
  return {room, kPanel, rows};
}

// sums [columns] (+)= the sum of `rows` rows, `stride` apart.
inline void add_rows(const float* from, Index rows, Index columns, Index stride, float* sums, bool added) {
  for (Index n = 0; n < columns; n += kWidth) {
    Floats sum = added ? load(sums + n, columns - n) : Floats{};
    for (Index r = 0; r < rows; ++r) sum += load(from + r * stride + n, columns - n);
    store(sums + n, columns - n, sum);
  }
}

inline void add_rows(const float* from, Index rows, Index columns, float* sums, bool added) {
  add_rows(from, rows, columns, columns, sums, added);
}

}  // namespace inner

// x [rows, in], kernel [in, out], bias [out] or null. `rise` takes the activation's derivatives, where a backward pass
// needs them (null: not kept).
inline void dense_forward(Index rows, Index in, Index out, Activation activation, const float* x, const float* kernel,
                          const float* bias, float* y, float* rise) {
  using namespace inner;
  const auto fill = [&](Index row, Index count, Index n, Index wide, const Right& right) {
    float* const sums = y + row * out + n;
    float* const steep = rise == nullptr ? nullptr : rise + row * out + n;
    product(count, wide, in, x + row * in, in, 1, right, sums, out, {bias == nullptr ? nullptr : bias + n});
    if (activation == Activation::kNone) return;
    if (wide == out) return activate(activation, count * out, sums, steep);
    for (Index r = 0; r < count; ++r)
      activate(activation, wide, sums + r * out, steep == nullptr ? nullptr : steep + r * out);
  };
  if (rows < kDenseManyRows) {
    const Cut cut(rows, out, in);
    return spread(cut.pieces(), cut.alone, [&](Index i) {
      cut.piece(i, [&](Index row, Index count, Index n, Index wide) {
        const bool flat = wide % kWidth == 0 && count <= kDenseFlat;
        if (flat) return fill(row, count, n, wide, {kernel + n, out, 1});
        float* const room = Scratch<DensePanel>::floats(packed_size(in, wide));
        pack(kernel + n, out, in, wide, room);
        fill(row, count, n, wide, {room, kPanel, in});
      });
    });
  }
  const Right right = shared_right(kernel, in, out, Scratch<DenseRight>::floats(packed_size(in, out)));
  parallel((rows + kDenseRows - 1) / kDenseRows, [&](Index piece) {
    const Index first = piece * kDenseRows;
    fill(first, std::min(kDenseRows, rows - first), 0, out, right);
  });
}

namespace inner {

// Few rows: every number of dkernel and dx is one sum, made in one place.
inline void dense_backward_few(Index rows, Index in, Index out, const float* x, const float* kernel, const float* d,
                               float* dx, float* dkernel, float* dbias) {
  const Cut weights(in, out, rows), inputs(rows, in, out);
  const Index before = dkernel == nullptr ? 0 : weights.pieces(), behind = dx == nullptr ? 0 : inputs.pieces();
  const Index alone = dkernel == nullptr && dbias != nullptr;
  const bool lonely = dkernel == nullptr || dx == nullptr ? weights.alone : 2 * rows * in * out < 2 * kDensePiece;
  spread(before + behind + alone, lonely, [&](Index piece) {
    if (piece < before)
      return weights.piece(piece, [&](Index row, Index count, Index n, Index wide) {
        float* const room = Scratch<DensePanel>::floats(packed_size(rows, wide));
        pack(d + n, out, rows, wide, room);
        product(count, wide, rows, x + row, 1, in, {room, kPanel, rows}, dkernel + row * out + n, out);
        if (row == 0 && dbias != nullptr) add_rows(d + n, rows, wide, out, dbias + n, false);
      });
    if (piece < before + behind)
      return inputs.piece(piece - before, [&](Index row, Index count, Index n, Index wide) {
        float* const room = Scratch<DensePanel>::floats(packed_size(out, wide));
        pack_transposed(kernel + n * out, out, out, wide, room);
        product(count, wide, out, d + row * out, out, 1, {room, kPanel, out}, dx + row * in + n, in);
      });
    add_rows(d, rows, out, out, dbias, false);
  });
}

}  // namespace inner

// `kept` are the activation's derivatives, for relu its results; not looked at without an activation. Results that are
// null are not wanted.
inline void dense_backward(Index rows, Index in, Index out, Activation activation, const float* x, const float* kernel,
                           const float* kept, const float* dy, float* dx, float* dkernel, float* dbias) {
  using namespace inner;
  const bool active = activation != Activation::kNone;
  if (rows < kDenseManyRows) {
    const float* d = dy;
    if (active) {
      float* const made = Scratch<DenseSlopes>::floats(rows * out);
      const Index piece = std::max<Index>(1, 32768 / out);
      parallel((rows + piece - 1) / piece, [&](Index i) {
        const Index first = i * piece * out, count = std::min(piece, rows - i * piece) * out;
        slopes(activation, kept + first, dy + first, count, made + first);
      });
      d = made;
    }
    return dense_backward_few(rows, in, out, x, kernel, d, dx, dkernel, dbias);
  }
  const Right turned = dx == nullptr ? Right{} : turned_right(kernel, out, in, Scratch<DenseTurned>::floats(packed_size(out, in)));
  const Index size = in * out, span = (rows + kDenseParts - 1) / kDenseParts, stride = size + out;
  float* const sums = Scratch<DenseSums>::floats(kDenseParts * stride);
  parallel(kDenseParts, [&](Index part) {
    float* const own = sums + part * stride;
    const Index begin = part * span, end = std::min(rows, begin + span);
    float* const made = Scratch<DenseSlopes>::floats(active ? kDenseRows * out : 0);
    float* const room = Scratch<DensePanel>::floats(packed_size(kDenseRows, out));
    for (Index first = begin; first < end; first += kDenseRows) {
      const Index count = std::min(kDenseRows, end - first);
      if (active) slopes(activation, kept + first * out, dy + first * out, count * out, made);
      const float* const d = active ? made : dy + first * out;
      if (dx != nullptr) product(count, in, out, d, out, 1, turned, dx + first * in, in);
      if (dkernel != nullptr)
        product(in, out, count, x + first * in, 1, in, packed_rows(d, count, out, room), own, out,
                {nullptr, first > begin});
      if (dbias != nullptr) add_rows(d, count, out, own + size, first > begin);
    }
    if (begin >= end) std::memset(own, 0, static_cast<std::size_t>(stride) * sizeof(float));
  });
  const auto add_up = [&](Index from, Index count, float* to) {
    for (Index i = 0; i < count; i += kWidth) {
      Floats total{};
      for (Index part = 0; part < kDenseParts; ++part) total += load(sums + part * stride + from + i, count - i);
      store(to + i, count - i, total);
    }
  };
  if (dkernel != nullptr)
    parallel((size + 8191) / 8192, [&](Index i) { add_up(i * 8192, std::min<Index>(8192, size - i * 8192), dkernel + i * 8192); });
  if (dbias != nullptr) add_up(size, out, dbias);
}

}  // namespace ranvier
