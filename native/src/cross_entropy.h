// Softmax cross-entropy of rows of logits: -log(softmax(logits)[label]).
#pragma once

#include <cmath>
#include <limits>

#include "dense_product.h"
#include "falling.h"
#include "threads.h"

namespace ranvier {

// Rows go to the threads in pieces of about this many numbers.
inline constexpr Index kEntropyPiece = 1 << 13;

// One row's loss; `shares` takes its softmax, if it is not null. A label that no class has gives 0.
RV_INLINE float entropy_row(Index classes, const float* logits, std::int32_t label, float* shares) {
  const Floats lowest = all(-std::numeric_limits<float>::infinity());
  Floats largest = lowest;  // passes over what is no number; the sum does not
  for (Index k = 0; k < classes; k += kWidth) {
    const Floats x = choose(first_lanes(classes - k), load(logits + k, classes - k), lowest);
    largest = choose(x > largest, x, largest);
  }
  const float top = lane_largest(largest);
  Floats total{};
  for (Index k = 0; k < classes; k += kWidth) {
    const Floats e = exp_falling(load(logits + k, classes - k) - top);
    total += choose(first_lanes(classes - k), e, Floats{});
    if (shares != nullptr) store(shares + k, classes - k, e);
  }
  const float all_shares = sum(total);
  if (shares != nullptr)
    for (Index k = 0; k < classes; k += kWidth)
      store(shares + k, classes - k, load(shares + k, classes - k) * (1.0f / all_shares));
  return label >= 0 && label < classes ? std::log(all_shares) - (logits[label] - top) : 0.0f;
}

template <class Row>
void entropy_rows(Index rows, Index classes, Row&& row) {
  const Index piece = std::max<Index>(1, kEntropyPiece / classes);
  parallel((rows + piece - 1) / piece, [&](Index i) {
    for (Index r = i * piece; r < std::min(rows, (i + 1) * piece); ++r) row(r);
  });
}

// losses [rows]; shares [rows, classes], null where no backward pass needs them.
inline void cross_entropy_forward(Index rows, Index classes, const float* logits, const std::int32_t* labels,
                                  float* losses, float* shares) {
  entropy_rows(rows, classes, [&](Index r) {
    float* const own = shares == nullptr ? nullptr : shares + r * classes;
    losses[r] = entropy_row(classes, logits + r * classes, labels[r], own);
  });
}

inline void cross_entropy_backward(Index rows, Index classes, const std::int32_t* labels, const float* shares,
                                   const float* d_losses, float* d_logits) {
  entropy_rows(rows, classes, [&](Index r) {
    const std::int32_t label = labels[r];
    const bool real = label >= 0 && label < classes;
    const float* const from = shares + r * classes;
    float* const to = d_logits + r * classes;
    for (Index k = 0; k < classes; k += kWidth)
      store(to + k, classes - k, real ? load(from + k, classes - k) * d_losses[r] : Floats{});
    if (real) to[label] -= d_losses[r];
  });
}

}  // namespace ranvier
