#include "../src/attention.h"

#include "check.h"

namespace ranvier::test {
namespace {

struct Exact {
  std::vector<double> out, d_query, d_key, d_value;
};

// Of one head of one row of a batch: where its numbers lie, and whether a query may look at a key.
struct Head {
  const Attention& a;
  Index b, h, g = h / (a.heads / a.groups);

  std::size_t query(Index i, Index s) const { return std::size_t(((b * a.queries + i) * a.heads + h) * a.size + s); }
  std::size_t out(Index i, Index s) const { return std::size_t(((b * a.queries + i) * a.heads + h) * a.depth + s); }
  std::size_t key(Index j, Index s) const { return std::size_t(((b * a.keys + j) * a.groups + g) * a.size + s); }
  std::size_t value(Index j, Index s) const { return std::size_t(((b * a.keys + j) * a.groups + g) * a.depth + s); }
  bool sees(Index i, Index j) const {
    const Index at = b * a.mask_batch + h * a.mask_head + i * a.mask_query + j * a.mask_key;
    return (!a.causal || j <= i) && (a.mask == nullptr || a.mask[at]);
  }
};

struct Given {
  const std::vector<float>&q, &k, &v, &d_out;
};

// What one query finds, and what it adds to the cotangents. A query that may look nowhere finds the mean of all values.
void add_query(const Head& at, Index i, const Given& given, Exact& made) {
  const Attention& a = at.a;
  std::vector<double> shares(std::size_t(a.keys)), slopes(shares.size());
  double total = 0, average = 0;
  for (Index j = 0; j < a.keys; ++j) {
    double score = 0;
    for (Index s = 0; s < a.size; ++s) score += double(given.q[at.query(i, s)]) * double(given.k[at.key(j, s)]);
    total += shares[std::size_t(j)] = at.sees(i, j) ? std::exp(score * double(a.scale)) : 0;
  }
  const bool blind = total == 0;
  for (Index j = 0; j < a.keys; ++j) {
    const double share = blind ? 1.0 / double(a.keys) : shares[std::size_t(j)] / total;
    for (Index s = 0; s < a.depth; ++s) {
      const double d = double(given.d_out[at.out(i, s)]);
      made.out[at.out(i, s)] += share * double(given.v[at.value(j, s)]);
      made.d_value[at.value(j, s)] += share * d;
      slopes[std::size_t(j)] += d * double(given.v[at.value(j, s)]);
    }
    shares[std::size_t(j)] = share;
    average += share * slopes[std::size_t(j)];
  }
  for (Index j = 0; j < a.keys && !blind; ++j) {
    const double d = shares[std::size_t(j)] * (slopes[std::size_t(j)] - average) * double(a.scale);
    for (Index s = 0; s < a.size; ++s) {
      made.d_query[at.query(i, s)] += d * double(given.k[at.key(j, s)]);
      made.d_key[at.key(j, s)] += d * double(given.q[at.query(i, s)]);
    }
  }
}

Exact exact(const Attention& a, const Given& given) {
  Exact made;
  made.out.resize(given.d_out.size());
  made.d_query.resize(given.q.size());
  made.d_key.resize(given.k.size());
  made.d_value.resize(given.v.size());
  for (Index b = 0; b < a.batch; ++b)
    for (Index h = 0; h < a.heads; ++h)
      for (Index i = 0; i < a.queries; ++i) add_query({a, b, h}, i, given, made);
  return made;
}

void check_attention(const Attention& a, Edge edge) {
  const Index queries = a.batch * a.queries * a.heads, keys = a.batch * a.keys * a.groups;
  const std::vector<float> q = numbers(queries * a.size, 1), k = numbers(keys * a.size, 2);
  const std::vector<float> v = numbers(keys * a.depth, 3), moved = numbers(queries * a.depth, 4);
  Guarded query(q, edge), key(k, edge), value(v, edge), out(queries * a.depth, edge), log_sum(queries, edge);
  Guarded d_out(moved, edge), d_query(queries * a.size, edge, kNan), d_key(keys * a.size, edge, kNan);
  Guarded d_value(keys * a.depth, edge, kNan);
  attention_forward(a, query, key, value, out, log_sum);
  attention_backward(a, query, key, value, out, log_sum, d_out, d_query, d_key, d_value);
  const Exact expected = exact(a, {q, k, v, moved});
  CHECK(close(out.values(), expected.out, 2e-5) && close(d_query.values(), expected.d_query, 1e-4));
  CHECK(close(d_key.values(), expected.d_key, 1e-4) && close(d_value.values(), expected.d_value, 1e-4));
  CHECK(out.intact() && log_sum.intact() && d_query.intact() && d_key.intact() && d_value.intact());
}

TEST(attention_is_that_of_double_loops) {
  for (const Edge edge : kEdges)
    for (const bool causal : {false, true}) {
      for (const Index length : {1, 2, kWidth - 1, kPanel, kPanel + 1, 3 * kPanel + 5, 131})
        check_attention({2, length, length, 2, 2, 3, 5, nullptr, 0, 0, 0, 0, causal, 0.5f}, edge);
      for (const Index size : {1, kWidth, kWidth + 1, kPanel + 3})
        check_attention({1, 7, 9, 4, 2, size, size + 1, nullptr, 0, 0, 0, 0, causal, 0.3f}, edge);
      check_attention({1, 3, 150, 3, 1, 4, 4, nullptr, 0, 0, 0, 0, causal, 1.0f}, edge);
    }
}

// Masks of each shape that broadcasts; the first query of the first row may look nowhere.
void check_masks(Index queries, Index keys, bool causal, Edge edge) {
  for (const bool rows : {false, true})
    for (const bool heads : {false, true})
      for (const bool each_query : {false, true}) {
        const Index of_query = keys, of_head = each_query ? queries * keys : keys, of_row = (heads ? 2 : 1) * of_head;
        std::vector<std::uint8_t> seen = ones_and_zeros((rows ? 2 : 1) * of_row, 5);
        for (Index j = 0; j < keys; ++j) seen[static_cast<std::size_t>(j)] = 0;
        GuardedBytes mask(seen, edge);
        const auto* const bits = reinterpret_cast<const bool*>(static_cast<std::uint8_t*>(mask));
        check_attention({2, queries, keys, 2, 1, 3, 5, bits, rows ? of_row : 0, heads ? of_head : 0,
                         each_query ? of_query : 0, 1, causal, 0.5f},
                        edge);
      }
}

TEST(masks_hide_keys) {
  for (const Edge edge : kEdges)
    for (const bool causal : {false, true}) {
      check_masks(1, 1, causal, edge);
      check_masks(kWidth + 1, kPanel + 3, causal, edge);
      check_masks(2 * kPanel + 7, 150, causal, edge);
    }
  // One entry for all keys of a query.
  const Index queries = kPanel + 1;
  GuardedBytes mask(ones_and_zeros(queries, 6), Edge::behind);
  const auto* const bits = reinterpret_cast<const bool*>(static_cast<std::uint8_t*>(mask));
  check_attention({2, queries, 9, 2, 2, 3, 5, bits, 0, 0, 1, 0, false, 0.5f}, Edge::behind);
}

}  // namespace
}  // namespace ranvier::test
