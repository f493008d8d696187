// Layer normalization of rows: y = (x - mean) / sqrt(variance + epsilon) * gamma + beta.
#pragma once

#include <cmath>

#include "dense_product.h"
#include "scratch.h"
#include "threads.h"

namespace ranvier {

// Rows go to the threads in pieces of about this many numbers.
inline constexpr Index kNormPiece = 1 << 14;
// Sums over rows are made in this many parts, added in order: the result does not depend on the number of threads.
inline constexpr Index kNormParts = 8;

inline void layer_norm_row(const float* x, Index n, const float* gamma, const float* beta, float epsilon, float* y,
                           float* mean_out, float* factor_out) {
  Floats total{}, squares{};
  for (Index k = 0; k < n; k += kWidth) total += load(x + k, n - k);
  const float mean = sum(total) / static_cast<float>(n);
  for (Index k = 0; k < n; k += kWidth) {
    const Floats live = choose(first_lanes(n - k), load(x + k, n - k) - mean, Floats{});
    squares += live * live;
  }
  const float factor = 1.0f / std::sqrt(sum(squares) / static_cast<float>(n) + epsilon);
  for (Index k = 0; k < n; k += kWidth) {
    const Floats normal = (load(x + k, n - k) - mean) * factor;
    store(y + k, n - k, normal * load(gamma + k, n - k) + load(beta + k, n - k));
  }
  *mean_out = mean;
  *factor_out = factor;
}

inline void layer_norm_forward(Index rows, Index n, const float* x, const float* gamma, const float* beta,
                               float epsilon, float* y, float* mean, float* factor) {
  const Index piece = n > 0 ? (kNormPiece + n - 1) / n : 1;
  parallel((rows + piece - 1) / piece, [&](Index i) {
    for (Index r = i * piece; r < (i + 1) * piece && r < rows; ++r)
      layer_norm_row(x + r * n, n, gamma, beta, epsilon, y + r * n, mean + r, factor + r);
  });
}

// dx where not null; dgamma and dbeta are always made.
inline void layer_norm_backward(Index rows, Index n, const float* x, const float* gamma, const float* mean,
                                const float* factor, const float* dy, float* dx, float* dgamma, float* dbeta) {
  struct Parts;
  float* const parts = Scratch<Parts>::floats(kNormParts * 2 * n);
  const Index span = (rows + kNormParts - 1) / kNormParts;
  parallel(kNormParts, [&](Index part) {
    float *const scale = parts + part * 2 * n, *const shift = scale + n;
    std::memset(scale, 0, static_cast<std::size_t>(2 * n) * sizeof(float));
    for (Index r = part * span; r < (part + 1) * span && r < rows; ++r) {
      const float *const x_row = x + r * n, *const d_row = dy + r * n;
      Floats first{}, second{};
      for (Index k = 0; k < n; k += kWidth) {
        const Floats d = load(d_row + k, n - k);
        const Floats normal = (load(x_row + k, n - k) - mean[r]) * factor[r];
        store(scale + k, n - k, load(scale + k, n - k) + d * normal);
        store(shift + k, n - k, load(shift + k, n - k) + d);
        const Floats scaled = d * load(gamma + k, n - k);
        first += scaled;
        second += choose(first_lanes(n - k), scaled * normal, Floats{});
      }
      if (dx == nullptr) continue;
      const float average = sum(first) / static_cast<float>(n), along = sum(second) / static_cast<float>(n);
      for (Index k = 0; k < n; k += kWidth) {
        const Floats normal = (load(x_row + k, n - k) - mean[r]) * factor[r];
        const Floats scaled = load(d_row + k, n - k) * load(gamma + k, n - k);
        store(dx + r * n + k, n - k, (scaled - average - normal * along) * factor[r]);
      }
    }
  });
  for (Index k = 0; k < n; ++k) {
    float scale = 0, shift = 0;
    for (Index part = 0; part < kNormParts; ++part) {
      scale += parts[part * 2 * n + k];
      shift += parts[part * 2 * n + n + k];
    }
    dgamma[k] = scale;
    dbeta[k] = shift;
  }
}

}  // namespace ranvier
