#include "../src/attention.h"

#include "check.h"

namespace ranvier::test {
namespace {

// The outputs, and what cotangents of ones come to at the queries.
struct Exact {
  std::vector<double> out, d_query;
};

Exact exact(const Attention& a, const std::vector<float>& q, const std::vector<float>& k, const std::vector<float>& v) {
  Exact made;
  for (Index b = 0; b < a.batch; ++b)
    for (Index i = 0; i < a.queries; ++i)
      for (Index h = 0; h < a.heads; ++h) {
        const Index g = h / (a.heads / a.groups), seen = a.causal ? std::min(a.keys, i + 1) : a.keys;
        std::vector<double> out(std::size_t(a.depth)), shares, sums;  // of each key: its share, and its values' sum
        double total = 0, average = 0;
        for (Index j = 0; j < seen; ++j) {
          double score = 0;
          for (Index s = 0; s < a.size; ++s)
            score += double(q[std::size_t(((b * a.queries + i) * a.heads + h) * a.size + s)]) *
                     double(k[std::size_t(((b * a.keys + j) * a.groups + g) * a.size + s)]);
          const double share = std::exp(score * double(a.scale));
          total += share;
          shares.push_back(share);
          sums.push_back(0);
          for (Index s = 0; s < a.depth; ++s) {
            const double value = double(v[std::size_t(((b * a.keys + j) * a.groups + g) * a.depth + s)]);
            out[std::size_t(s)] += share * value;
            sums.back() += value;
          }
        }
        for (const double value : out) {
          made.out.push_back(value / total);
          average += value / total;
        }
        for (Index s = 0; s < a.size; ++s) {
          double d = 0;
          for (Index j = 0; j < seen; ++j)
            d += shares[std::size_t(j)] / total * (sums[std::size_t(j)] - average) *
                 double(k[std::size_t(((b * a.keys + j) * a.groups + g) * a.size + s)]) * double(a.scale);
          made.d_query.push_back(d);
        }
      }
  return made;
}

void check_attention(const Attention& a, Edge edge) {
  const Index queries = a.batch * a.queries * a.heads, keys = a.batch * a.keys * a.groups;
  const std::vector<float> q = numbers(queries * a.size, 1), k = numbers(keys * a.size, 2), v = numbers(keys * a.depth, 3);
  Guarded query(q, edge), key(k, edge), value(v, edge), out(queries * a.depth, edge), log_sum(queries, edge);
  Guarded d_out(queries * a.depth, edge, 1.0f), d_query(queries * a.size, edge), d_key(keys * a.size, edge), d_value(keys * a.depth, edge);
  attention_forward(a, query, key, value, out, log_sum);
  attention_backward(a, query, key, value, out, log_sum, d_out, d_query, d_key, d_value);
  const Exact expected = exact(a, q, k, v);
  CHECK(close(out.values(), expected.out, 2e-5) && close(d_query.values(), expected.d_query, 1e-4));
  // The shares of a query are one in all: cotangents of ones reach the values whole.
  double given = 0;
  for (const float d : d_value.values()) given += double(d);
  CHECK(close(given, double(queries * a.depth), 1e-4));
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

}  // namespace
}  // namespace ranvier::test
