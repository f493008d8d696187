// Recurrent layers: what goes in and out, and both kernels as panels. How they work is told in recurrent.h.
#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

#include "matmul.h"
#include "scratch.h"
#include "threads.h"

namespace ranvier {

struct RecurrentSizes {
  Index batch, steps, features, units;
};

// Columns of `gates` that are made alike: x times columns of the kernel from `x` on, plus h times columns of the
// recurrent kernel from `h` on; -1 where one of them has no part.
struct Segment {
  Index column, count, x, h;
};

struct RecurrentWay {
  bool backwards;    // from the last step to the first
  bool zero_masked;  // outputs of masked steps are 0; else they repeat the one before
  const bool* mask;  // [batch, step], true where a step is real; null for all

  Index time(Index step, Index steps) const { return backwards ? steps - 1 - step : step; }
};

struct RecurrentWeights {
  const float *kernel, *recurrent, *bias;  // bias: [1 or 2, kGates * units]; the second one belongs to h
  bool two_biases;
};

// What a forward pass reads and writes; `ys`, and what is kept for the backward pass, may be null.
struct RecurrentForward {
  const float *x, *h, *c;
  float *ys, *h_last, *c_last, *rows, *gates, *cells;
};

// `dys` and `dx` may be null. `dz` [step, batch, kSlots * units] is room to work in, and may be `gates` itself.
struct RecurrentBackward {
  const float *c, *rows, *gates, *cells, *dys, *dh_last, *dc_last;
  float *dz, *dx, *dh, *dc, *dkernel, *drecurrent, *dbias;
};

// A packed panel: up to kPanel columns of `gates`, made from columns [first, first + depth) of `rows`.
struct RecurrentPanel {
  Index column, count, first, depth, x, h, at;
};

// Rows of a batch that one thread takes through all steps at once: few enough for the caches, enough to share panels.
inline constexpr Index kRecurrentRows = 32;
// Steps and rows that one block of the weights' gradients sums over.
inline constexpr Index kRecurrentDepth = 128;
// Panels of those gradients that are made together.
inline constexpr Index kRecurrentGroup = 8;

inline Index recurrent_pieces(Index batch) {
  const Index threads = thread_count();
  const Index rounds = (batch + threads * kRecurrentRows - 1) / (threads * kRecurrentRows);
  return std::min(batch, threads * rounds);
}

template <class Cell>
std::vector<RecurrentPanel> recurrent_panels(const RecurrentSizes& n) {
  std::vector<RecurrentPanel> made;
  Index at = 0;
  for (const Segment& segment : Cell::segments(n.units))
    for (Index k = 0; k < segment.count; k += kPanel) {
      const Index first = segment.x < 0 ? n.features : 0, last = segment.h < 0 ? n.features : n.features + n.units;
      const auto from = [&](Index column) { return column < 0 ? column : column + k; };
      made.push_back({segment.column + k, std::min<Index>(kPanel, segment.count - k), first, last - first,
                      from(segment.x), from(segment.h), at});
      at += (last - first) * kPanel;
    }
  return made;
}

// Both kernels as panels; `bias` becomes one number for each column of `gates`.
template <class Cell>
void recurrent_pack(const RecurrentSizes& n, const RecurrentWeights& weights, const std::vector<RecurrentPanel>& panels,
                    float* packed, float* bias) {
  const Index wide = Cell::kGates * n.units;
  parallel(static_cast<Index>(panels.size()), [&](Index i) {
    const RecurrentPanel& panel = panels[static_cast<std::size_t>(i)];
    float* to = packed + panel.at;
    if (panel.x >= 0) {
      pack(weights.kernel + panel.x, wide, n.features, panel.count, to);
      to += n.features * kPanel;
    }
    if (panel.h >= 0) pack(weights.recurrent + panel.h, wide, n.units, panel.count, to);
    for (Index k = 0; k < panel.count; ++k) {
      float total = panel.x >= 0 ? weights.bias[panel.x + k] : 0.0f;
      if (weights.two_biases && panel.h >= 0) total += weights.bias[wide + panel.h + k];
      bias[panel.column + k] = total;
    }
  });
}

}  // namespace ranvier
