// Scaled dot-product attention, softmax(scale * query @ key) @ value per head, without a matrix of all shares in memory.
//
// Scores lie transposed, [key][query]: a panel of queries fills the lanes of a vector, so that the largest score and the
// sum of a query's shares are made down the keys and never across a vector. Keys go by in blocks; what was summed so
// far is scaled down when a larger score comes (Milakov and Gimelshein, 2018; Dao et al., "FlashAttention", 2022).
#pragma once

#include <cmath>
#include <limits>

#include "dense_product.h"
#include "falling.h"
#include "scratch.h"
#include "threads.h"

namespace ranvier {

// query [batch, queries, heads, size], key [batch, keys, groups, size], value [batch, keys, groups, depth]; each group of
// heads / groups heads shares keys and values. `mask` is true where a query may look, null for everywhere; `mask_*` are
// the distances of its neighbours along an axis, 0 where it has one entry for all.
struct Attention {
  Index batch, queries, keys, heads, groups, size, depth;
  const bool* mask;
  Index mask_batch, mask_head, mask_query, mask_key;
  bool causal;
  float scale;
};

namespace inner {

inline constexpr Index kKeyBlock = 128;   // keys of the forward pass whose scores are kept at once
inline constexpr Index kBackKeys = 64;    // keys and queries of the backward pass, likewise
inline constexpr Index kBackQueries = 64;
static_assert(kBackQueries % kPanel == 0, "a span holds whole panels");

// The score of a place that may not be looked at; the reference has the same.
inline constexpr float kHidden = -0.7f * std::numeric_limits<float>::max();
inline constexpr float kInfinity = std::numeric_limits<float>::infinity();

// rows [count, size], `stride` apart -> [size][kPanel], scaled, zeros in the lanes behind.
inline void turn_panel(const float* rows, Index stride, Index count, Index size, float scale, float* to) {
  for (Index lane = 0; lane < kPanel; ++lane) {
    const float* const from = rows + lane * stride;
    if (lane < count)
      for (Index k = 0; k < size; ++k) to[k * kPanel + lane] = from[k] * scale;
    else
      for (Index k = 0; k < size; ++k) to[k * kPanel + lane] = 0.0f;
  }
}

// `with_tile` for whole panels, whose lanes behind the last query are padded.
template <class Body>
RV_INLINE void with_panel(int rows, Body&& body) {
  with_rows<2>(rows, body, std::make_integer_sequence<int, kRows>{});
}

inline bool all_finite(const float* rows, Index stride, Index count, Index size) {
  Floats found{};
  for (Index r = 0; r < count; ++r)
    for (Index k = 0; k < size; k += kWidth) found += load(rows + r * stride + k, size - k) * 0.0f;
  for (int i = 0; i < kWidth; ++i)
    if (found[i] != 0.0f) return false;
  return true;
}

// The mask of one head, and what it hides in a tile of scores.
struct Sight {
  const bool* mask;
  Index query, key, queries;
  bool causal;

  Sight(const Attention& a, Index b, Index h)
      : mask(a.mask == nullptr ? nullptr : a.mask + b * a.mask_batch + h * a.mask_head),
        query(a.mask_query),
        key(a.mask_key),
        queries(a.queries),
        causal(a.causal) {}

  // Puts `value` where queries from `first_query` on, in the lanes, may not see keys from `first_key` on, in the rows.
  template <class Tile>
  RV_INLINE void hide(Tile& tile, Index first_key, Index first_query, float value) const {
    if (causal && first_key + Tile::rows - 1 > first_query) {
#pragma GCC unroll 16
      for (int r = 0; r < Tile::rows; ++r)
#pragma GCC unroll 2
        for (int v = 0; v < Tile::vectors; ++v) {
          const auto apart = static_cast<std::int32_t>(
              std::clamp<Index>(first_key + r - first_query - v * kWidth, -kWidth, kWidth));
          tile.sums[r][v] = choose(lanes() < apart, all(value), tile.sums[r][v]);
        }
    }
    if (mask == nullptr) return;
#pragma GCC unroll 16
    for (int r = 0; r < Tile::rows; ++r) {
      const bool* const row = mask + (first_key + r) * key;
      if (query == 0) {
        if (*row) continue;
#pragma GCC unroll 2
        for (int v = 0; v < Tile::vectors; ++v) tile.sums[r][v] = all(value);
        continue;
      }
#pragma GCC unroll 2
      for (int v = 0; v < Tile::vectors; ++v) {
        Ints seen{};
        const Index from = first_query + v * kWidth, live = std::min<Index>(kWidth, queries - from);
        for (Index i = 0; i < live; ++i) seen[i] = -static_cast<std::int32_t>(row[(from + i) * query]);
        tile.sums[r][v] = choose(seen, tile.sums[r][v], all(value));
      }
    }
  }
};

// What a panel of queries has seen so far.
struct Running {
  Floats largest[2], total[2];
};

// The scores of keys [first, last) for one panel, then their exponentials; `factor` is what older sums shrink by.
inline void forward_block(const Attention& a, const Sight& sight, const float* turned, const float* key, Index first,
                          Index last, Index query, Index count, Running& running, float* scores, float* factor) {
  const Index row = a.groups * a.size;
  Floats largest[2] = {running.largest[0], running.largest[1]};
  for (Index j = first; j < last;) {
    const int rows = tile_rows(j, last);
    with_panel(rows, [&](auto tile) {
      constexpr int height = decltype(tile)::rows, vectors = decltype(tile)::vectors;
      const float* starts[height];
      for (int r = 0; r < height; ++r) starts[r] = key + (j + r) * row;
      tile.clear();
      tile.add(starts, 1, a.size, turned);
      sight.hide(tile, j, query, kHidden);
#pragma GCC unroll 2
      for (int v = 0; v < vectors; ++v) {
        Floats best = largest[v];
#pragma GCC unroll 16
        for (int r = 0; r < height; ++r) {
          best = choose(tile.sums[r][v] > best, tile.sums[r][v], best);
          store(scores + (j - first + r) * kPanel + v * kWidth, tile.sums[r][v]);
        }
        largest[v] = best;
      }
    });
    j += rows;
  }
  for (int v = 0; v * kWidth < count; ++v) {
    // Minus infinity less itself is no number; nothing is seen there yet.
    const Floats top = choose(largest[v] == all(-kInfinity), Floats{}, largest[v]);
    const Floats shrunk = exp_falling(running.largest[v] - top);
    Floats total = running.total[v] * shrunk;
    float* place = scores + v * kWidth;
    for (Index j = first; j < last; ++j, place += kPanel) {
      const Floats share = exp_falling(load(place) - top);
      total += share;
      store(place, share);
    }
    store(factor + v * kWidth, shrunk);
    running.largest[v] = largest[v];
    running.total[v] = total;
  }
}

struct ForwardRoom;

// One group of heads of one row of the batch.
inline void forward_group(const Attention& a, Index b, Index g, const float* query, const float* key,
                          const float* value, float* out, float* log_sum) {
  const Index shared = a.heads / a.groups, value_row = a.groups * a.depth, out_row = a.heads * a.depth;
  const float* const k = key + b * a.keys * a.groups * a.size + g * a.size;
  const float* const v = value + b * a.keys * value_row + g * a.depth;
  // A share of zero times what is not finite is not a number: only then hidden keys count.
  const bool skip = a.causal && all_finite(v, value_row, a.keys, a.depth);
  float* const turned = Scratch<ForwardRoom>::floats(kPanel * (a.size + kKeyBlock + 2) + room_of(a.keys, a.depth));
  float *const scores = turned + kPanel * a.size, *const factor = scores + kPanel * kKeyBlock;
  float *const inverse = factor + kPanel, *const packed = inverse + kPanel;
  const Right right = right_of(v, value_row, a.keys, a.depth, packed);
  for (Index h = g * shared; h < (g + 1) * shared; ++h) {
    const Sight sight(a, b, h);
    for (Index q = 0; q < a.queries; q += kPanel) {
      const Index count = std::min<Index>(kPanel, a.queries - q);
      turn_panel(query + ((b * a.queries + q) * a.heads + h) * a.size, a.heads * a.size, count, a.size, a.scale, turned);
      float* const o = out + (b * a.queries + q) * out_row + h * a.depth;
      const Index end = skip ? std::min(a.keys, q + count) : a.keys;
      Running running = {{all(-kInfinity), all(-kInfinity)}, {Floats{}, Floats{}}};
      for (Index first = 0; first < end; first += kKeyBlock) {
        const Index last = std::min(end, first + kKeyBlock);
        forward_block(a, sight, turned, k, first, last, q, count, running, scores, factor);
        for (int part = 0; part < 2; ++part) store(inverse + part * kWidth, 1.0f / running.total[part]);
        product(count, a.depth, last - first, scores, 1, kPanel, right.from(first), o, out_row,
                {nullptr, first > 0, factor, last == end ? inverse : nullptr, skip ? Reach::kUpTo : Reach::kAll,
                 q - first});
      }
      for (Index i = 0; i < count; ++i) {
        const float top = running.largest[i / kWidth][i % kWidth], total = running.total[i / kWidth][i % kWidth];
        float* const sum = log_sum + (b * a.heads + h) * a.queries + q + i;
        // The largest score passes over what is no number, the sum does not.
        const bool blind = top == kHidden && total == total;
        *sum = blind ? -kInfinity : top + std::log(total);
        if (!blind) continue;
        // A query that may look nowhere gets the mean of all values.
        for (Index n = 0; n < a.depth; ++n) {
          float mean = 0;
          for (Index j = 0; j < a.keys; ++j) mean += v[j * value_row + n];
          o[i * out_row + n] = mean / static_cast<float>(a.keys);
        }
      }
    }
  }
}

// What the backward pass keeps of one head.
struct BackRoom;
struct Back {
  float *queries, *slopes;   // panels of scale * query and of the output's cotangents, turned
  float *log_sum, *along;    // per query, padded: log of the sum of exponentials; cotangent times output
  float *shares, *scores;    // [kBackKeys][kBackQueries]: shares, and the cotangents of the scores
};

// Shares and the scores' cotangents of keys [first, last) and queries [from, to).
inline void backward_block(const Attention& a, const Sight& sight, const Back& back, const float* key,
                           const float* value, Index first, Index last, Index from, Index to, bool whole) {
  const float even = 1.0f / static_cast<float>(a.keys);
  for (Index q = from; q < to; q += kPanel) {
    const Index count = std::min<Index>(kPanel, to - q), panel = q / kPanel;
    for (Index j = first; j < last;) {
      const int rows = tile_rows(j, last);
      float *const shares = back.shares + (j - first) * kBackQueries + q - from;
      float *const scores = back.scores + (j - first) * kBackQueries + q - from;
      if (!whole && a.causal && j > q + count - 1) {
        for (int r = 0; r < rows; ++r) {
          std::memset(shares + r * kBackQueries, 0, kPanel * sizeof(float));
          std::memset(scores + r * kBackQueries, 0, kPanel * sizeof(float));
        }
        j += rows;
        continue;
      }
      with_panel(rows, [&](auto tile) {
        constexpr int height = decltype(tile)::rows, vectors = decltype(tile)::vectors;
        const float* starts[height];
        for (int r = 0; r < height; ++r) starts[r] = key + (j + r) * a.groups * a.size;
        tile.clear();
        tile.add(starts, 1, a.size, back.queries + panel * kPanel * a.size);
        sight.hide(tile, j, q, kHidden);
#pragma GCC unroll 2
        for (int v = 0; v < vectors; ++v) {
          const Floats sum = load(back.log_sum + q + v * kWidth);
#pragma GCC unroll 16
          for (int r = 0; r < height; ++r) {
            Floats share = exp_falling(tile.sums[r][v] - sum);
            if (whole) share = choose(sum == all(-kInfinity), all(even), share);
            store(shares + r * kBackQueries + v * kWidth, share);
          }
        }
        for (int r = 0; r < height; ++r) starts[r] = value + (j + r) * a.groups * a.depth;
        tile.clear();
        tile.add(starts, 1, a.depth, back.slopes + panel * kPanel * a.depth);
#pragma GCC unroll 2
        for (int v = 0; v < vectors; ++v) {
          const Floats along = load(back.along + q + v * kWidth), sum = load(back.log_sum + q + v * kWidth);
#pragma GCC unroll 16
          for (int r = 0; r < height; ++r) {
            const Floats share = load(shares + r * kBackQueries + v * kWidth);
            tile.sums[r][v] = share * (tile.sums[r][v] - along) * a.scale;
            if (whole) tile.sums[r][v] = choose(sum == all(-kInfinity), Floats{}, tile.sums[r][v]);
          }
        }
        if (whole) sight.hide(tile, j, q, 0.0f);
        tile.write(scores, kBackQueries, vectors * kWidth);
      });
      j += rows;
    }
  }
}

// Adds one head's part; `first_head` starts the sums of its group.
inline void backward_head(const Attention& a, Index b, Index h, bool first_head, const Back& back, const float* query,
                          const float* key, const float* value, const Right& queries, const Right& keys,
                          const Right& slopes, bool whole, float* d_query, float* d_key, float* d_value) {
  const Sight sight(a, b, h);
  const Index key_row = a.groups * a.size, value_row = a.groups * a.depth;
  const bool skip = a.causal && !whole;
  for (Index first = 0; first < a.keys; first += kBackKeys) {
    const Index last = std::min(a.keys, first + kBackKeys);
    bool begun = false;
    for (Index from = 0; from < a.queries; from += kBackQueries) {
      const Index to = std::min(a.queries, from + kBackQueries), count = to - from;
      if (skip && to - 1 < first) continue;
      backward_block(a, sight, back, key, value, first, last, from, to, whole);
      const Reach later = skip ? Reach::kFrom : Reach::kAll, earlier = skip ? Reach::kUpTo : Reach::kAll;
      const bool added = begun || !first_head;
      begun = true;
      const Product by_key = {nullptr, added, nullptr, nullptr, later, first - from};
      const Product by_query = {nullptr, first > 0, nullptr, nullptr, earlier, from - first};
      if (d_value != nullptr)
        product(last - first, a.depth, count, back.shares, kBackQueries, 1, slopes.from(from),
                d_value + first * value_row, value_row, by_key);
      if (d_key != nullptr)
        product(last - first, a.size, count, back.scores, kBackQueries, 1, queries.from(from), d_key + first * key_row,
                key_row, by_key);
      if (d_query != nullptr)
        product(count, a.size, last - first, back.scores, 1, kBackQueries, keys.from(first),
                d_query + from * a.heads * a.size, a.heads * a.size, by_query);
    }
    if (begun || !first_head) continue;
    // No query comes as late as these keys.
    for (Index j = first; j < last; ++j) {
      if (d_key != nullptr) std::memset(d_key + j * key_row, 0, static_cast<std::size_t>(a.size) * sizeof(float));
      if (d_value != nullptr) std::memset(d_value + j * value_row, 0, static_cast<std::size_t>(a.depth) * sizeof(float));
    }
  }
}

inline void backward_group(const Attention& a, Index b, Index g, const float* query, const float* key,
                           const float* value, const float* out, const float* log_sum, const float* d_out,
                           float* d_query, float* d_key, float* d_value) {
  const Index shared = a.heads / a.groups, spans = (a.queries + kPanel - 1) / kPanel, padded = spans * kPanel;
  const Index key_row = a.groups * a.size, value_row = a.groups * a.depth, query_row = a.heads * a.size;
  const Index out_row = a.heads * a.depth, block = kBackKeys * kBackQueries;
  float* room = Scratch<BackRoom>::floats(padded * (a.size + a.depth + 2) + 2 * block + room_of(a.queries, a.size) +
                                          room_of(a.queries, a.depth) + room_of(a.keys, a.size));
  const auto take = [&room](Index count) { return (room += count) - count; };
  const Back back = {take(padded * a.size), take(padded * a.depth), take(padded), take(padded), take(block), take(block)};
  float *const query_room = take(room_of(a.queries, a.size)), *const slope_room = take(room_of(a.queries, a.depth));
  float* const key_room = take(room_of(a.keys, a.size));
  const float* const k = key + b * a.keys * key_row + g * a.size;
  const float* const v = value + b * a.keys * value_row + g * a.depth;
  const Right keys = right_of(k, key_row, a.keys, a.size, key_room);
  const bool finite = !a.causal || (all_finite(k, key_row, a.keys, a.size) && all_finite(v, value_row, a.keys, a.depth));
  for (Index h = g * shared; h < (g + 1) * shared; ++h) {
    const Index at_query = b * a.queries * query_row + h * a.size, at_out = b * a.queries * out_row + h * a.depth;
    const float *const q = query + at_query, *const d = d_out + at_out, *const o = out + at_out;
    const float* const sums = log_sum + (b * a.heads + h) * a.queries;
    bool whole = !finite;
    if (a.causal) whole = whole || !all_finite(q, query_row, a.queries, a.size) || !all_finite(d, out_row, a.queries, a.depth);
    for (Index i = 0; i < padded; i += kPanel) {
      const Index count = std::min<Index>(kPanel, a.queries - i);
      turn_panel(q + i * query_row, query_row, count, a.size, a.scale, back.queries + i * a.size);
      turn_panel(d + i * out_row, out_row, count, a.depth, 1.0f, back.slopes + i * a.depth);
    }
    for (Index i = 0; i < padded; ++i) {
      back.log_sum[i] = kInfinity;  // lanes behind the last query have no shares
      back.along[i] = 0.0f;
      if (i >= a.queries) continue;
      Floats along{};
      for (Index n = 0; n < a.depth; n += kWidth)
        along += load(d + i * out_row + n, a.depth - n) * load(o + i * out_row + n, a.depth - n);
      back.log_sum[i] = sums[i];
      back.along[i] = sum(along);
      whole = whole || !(sums[i] > -kInfinity);
    }
    const Right queries = right_of(q, query_row, a.queries, a.size, query_room);
    const Right slopes = right_of(d, out_row, a.queries, a.depth, slope_room);
    const auto moved = [](float* base, Index by) { return base == nullptr ? nullptr : base + by; };
    backward_head(a, b, h, h == g * shared, back, q, k, v, queries, keys, slopes, whole, moved(d_query, at_query),
                  moved(d_key, b * a.keys * key_row + g * a.size), moved(d_value, b * a.keys * value_row + g * a.depth));
  }
}

}  // namespace inner

// out [batch, queries, heads, depth]; log_sum [batch, head, query] is the log of the sum of exponentials, minus infinity
// for a query that may look nowhere.
inline void attention_forward(const Attention& a, const float* query, const float* key, const float* value, float* out,
                              float* log_sum) {
  parallel(a.batch * a.groups, [&](Index i) {
    inner::forward_group(a, i / a.groups, i % a.groups, query, key, value, out, log_sum);
  });
}

// The cotangents of those operands whose place is not null. Heads of a group are added in order.
inline void attention_backward(const Attention& a, const float* query, const float* key, const float* value,
                               const float* out, const float* log_sum, const float* d_out, float* d_query, float* d_key,
                               float* d_value) {
  parallel(a.batch * a.groups, [&](Index i) {
    inner::backward_group(a, i / a.groups, i % a.groups, query, key, value, out, log_sum, d_out, d_query, d_key, d_value);
  });
}

}  // namespace ranvier
