// Batch normalization of rows x [rows, channels]: every channel gets mean 0 and variance 1 over the rows, then
//   y = (x - mean) / sqrt(variance + epsilon) * gamma + beta.
#pragma once

#include <algorithm>
#include <cmath>

#include "scratch.h"
#include "threads.h"

namespace ranvier {

// Sums over the rows are made in this many parts, added in order: the result does not depend on the number of threads.
inline constexpr Index kBatchParts = 16;
// Rows of about this many numbers stay in the first cache while the channels pass by, a vector of them at a time.
inline constexpr Index kBatchBlock = 1 << 12;

inline Index batch_block(Index channels) { return std::max<Index>(1, kBatchBlock / channels); }

namespace inner {

// Joins the sums, and the sums of squares about the means, of `count` rows to those of `seen` (Chan, Golub and LeVeque,
// 1983). Sums and not means are kept, so that an infinite number gives an infinite mean.
inline void join(Index channels, Index seen, float* total, float* squares, Index count, const float* other_total,
                 const float* other_squares) {
  const float first = seen > 0 ? 1.0f / static_cast<float>(seen) : 0.0f, second = 1.0f / static_cast<float>(count);
  const float share = static_cast<float>(count) / static_cast<float>(seen + count) * static_cast<float>(seen);
  for (Index c = 0; c < channels; c += kWidth) {
    const Index left = channels - c;
    const Floats before = load(total + c, left), added = load(other_total + c, left);
    const Floats apart = added * second - before * first;
    store(total + c, left, before + added);
    const Floats both = load(squares + c, left) + load(other_squares + c, left);
    store(squares + c, left, seen > 0 ? both + apart * apart * share : both);
  }
}

inline void block_moments(Index rows, Index channels, const float* x, float* totals, float* squares) {
  const float share = 1.0f / static_cast<float>(rows);
  for (Index c = 0; c < channels; c += kWidth) {
    const Index left = channels - c;
    Floats total{}, about{};
    for (Index r = 0; r < rows; ++r) total += load(x + r * channels + c, left);
    const Floats middle = total * share;
    for (Index r = 0; r < rows; ++r) {
      const Floats apart = load(x + r * channels + c, left) - middle;
      about += apart * apart;
    }
    store(totals + c, left, total);
    store(squares + c, left, about);
  }
}

}  // namespace inner

// factor = 1 / sqrt(variance + epsilon).
inline void batch_norm_forward(Index rows, Index channels, const float* x, const float* gamma, const float* beta,
                               float epsilon, float* y, float* mean, float* variance, float* factor) {
  struct Moments;
  const Index span = (rows + kBatchParts - 1) / kBatchParts;
  const Index block = batch_block(channels);
  float* const parts = Scratch<Moments>::floats(kBatchParts * 4 * channels);
  parallel(kBatchParts, [&](Index part) {
    float *const total = parts + part * 4 * channels, *const about = total + channels;
    float *const block_total = about + channels, *const block_about = block_total + channels;
    const Index first = std::min(rows, part * span), last = std::min(rows, first + span);
    std::memset(total, 0, static_cast<std::size_t>(2 * channels) * sizeof(float));
    for (Index r = first; r < last; r += block) {
      const Index count = std::min(block, last - r);
      inner::block_moments(count, channels, x + r * channels, block_total, block_about);
      inner::join(channels, r - first, total, about, count, block_total, block_about);
    }
  });
  std::memset(mean, 0, static_cast<std::size_t>(channels) * sizeof(float));
  std::memset(variance, 0, static_cast<std::size_t>(channels) * sizeof(float));
  for (Index part = 0; part < kBatchParts; ++part) {
    const Index first = std::min(rows, part * span), count = std::min(rows, first + span) - first;
    const float* const total = parts + part * 4 * channels;
    if (count > 0) inner::join(channels, first, mean, variance, count, total, total + channels);
  }
  for (Index c = 0; c < channels; ++c) {
    mean[c] /= static_cast<float>(rows);
    variance[c] /= static_cast<float>(rows);
    factor[c] = 1.0f / std::sqrt(variance[c] + epsilon);
  }
  parallel(kBatchParts, [&](Index part) {
    const Index first = std::min(rows, part * span), last = std::min(rows, first + span);
    for (Index from = first; from < last; from += block)
      for (Index c = 0; c < channels; c += kWidth) {
        const Index left = channels - c;
        const Floats scale = load(factor + c, left) * load(gamma + c, left);
        const Floats middle = load(mean + c, left), shift = load(beta + c, left);
        for (Index r = from; r < std::min(last, from + block); ++r)
          store(y + r * channels + c, left, (load(x + r * channels + c, left) - middle) * scale + shift);
      }
  });
}

// The gradient through the outputs and through mean and variance (dmean, dvariance). dx only where not null.
inline void batch_norm_backward(Index rows, Index channels, const float* x, const float* gamma, const float* mean,
                                const float* factor, const float* dy, const float* dmean, const float* dvariance,
                                float* dx, float* dgamma, float* dbeta) {
  struct Sums;
  const Index span = (rows + kBatchParts - 1) / kBatchParts, block = batch_block(channels);
  float* const parts = Scratch<Sums>::floats(kBatchParts * 2 * channels);
  parallel(kBatchParts, [&](Index part) {
    float *const scale = parts + part * 2 * channels, *const shift = scale + channels;
    const Index first = std::min(rows, part * span), last = std::min(rows, first + span);
    std::memset(scale, 0, static_cast<std::size_t>(2 * channels) * sizeof(float));
    for (Index from = first; from < last; from += block)
      for (Index c = 0; c < channels; c += kWidth) {
        const Index left = channels - c;
        const Floats middle = load(mean + c, left), inverse = load(factor + c, left);
        Floats along = load(scale + c, left), total = load(shift + c, left);
        for (Index r = from; r < std::min(last, from + block); ++r) {
          const Floats d = load(dy + r * channels + c, left);
          along += d * ((load(x + r * channels + c, left) - middle) * inverse);
          total += d;
        }
        store(scale + c, left, along);
        store(shift + c, left, total);
      }
  });
  for (Index c = 0; c < channels; ++c) {
    float along = 0, total = 0;
    for (Index part = 0; part < kBatchParts; ++part) {
      along += parts[part * 2 * channels + c];
      total += parts[part * 2 * channels + channels + c];
    }
    dgamma[c] = along;
    dbeta[c] = total;
  }
  if (dx == nullptr) return;
  const float share = 1.0f / static_cast<float>(rows);
  parallel(kBatchParts, [&](Index part) {
    const Index first = std::min(rows, part * span), last = std::min(rows, first + span);
    for (Index from = first; from < last; from += block)
      for (Index c = 0; c < channels; c += kWidth) {
        // dx = scale * dy + slope * (x - mean) + constant, all three the same for every row.
        const Index left = channels - c;
        const Floats inverse = load(factor + c, left), scale = inverse * load(gamma + c, left);
        const Floats slope = (2.0f * load(dvariance + c, left) - scale * inverse * load(dgamma + c, left)) * share;
        const Floats constant = (load(dmean + c, left) - scale * load(dbeta + c, left)) * share;
        const Floats middle = load(mean + c, left);
        for (Index r = from; r < std::min(last, from + block); ++r) {
          const Floats d = load(dy + r * channels + c, left), apart = load(x + r * channels + c, left) - middle;
          store(dx + r * channels + c, left, d * scale + apart * slope + constant);
        }
      }
  });
}

}  // namespace ranvier
