#include "../src/gru.h"
#include "../src/lstm.h"
#include "../src/simple_rnn.h"
#include "check.h"

namespace ranvier::test {
namespace {

double logistic(double x) { return 1 / (1 + std::exp(-x)); }

// The last h of an LSTM that begins with zeros.
std::vector<double> exact_lstm(const RecurrentSizes& n, const std::vector<float>& x, const std::vector<float>& kernel,
                               const std::vector<float>& recurrent, const std::vector<float>& bias) {
  const auto units = std::size_t(n.units), features = std::size_t(n.features), steps = std::size_t(n.steps);
  std::vector<double> made;
  for (std::size_t b = 0; b < std::size_t(n.batch); ++b) {
    std::vector<double> h(units), c(units);
    for (std::size_t t = 0; t < steps; ++t) {
      std::vector<double> z(bias.begin(), bias.end());
      for (std::size_t j = 0; j < 4 * units; ++j) {
        for (std::size_t k = 0; k < features; ++k) z[j] += double(x[(b * steps + t) * features + k]) * double(kernel[k * 4 * units + j]);
        for (std::size_t k = 0; k < units; ++k) z[j] += h[k] * double(recurrent[k * 4 * units + j]);
      }
      for (std::size_t k = 0; k < units; ++k) {
        c[k] = logistic(z[units + k]) * c[k] + logistic(z[k]) * std::tanh(z[2 * units + k]);
        h[k] = logistic(z[3 * units + k]) * std::tanh(c[k]);
      }
    }
    made.insert(made.end(), h.begin(), h.end());
  }
  return made;
}

// Forward and backward; returns the last h.
template <class Cell>
std::vector<float> ran(const RecurrentSizes& n, bool backwards, Edge edge) {
  const Index wide = Cell::kGates * n.units, rows = n.batch * n.steps, columns = Cell::kSlots * n.units;
  Guarded x(numbers(rows * n.features, 1), edge), kernel(numbers(n.features * wide, 2), edge);
  Guarded recurrent(numbers(n.units * wide, 3), edge), bias(numbers(2 * wide, 4), edge);
  Guarded h(n.batch * n.units, edge), c(n.batch * n.units, edge), ys(rows * n.units, edge);
  Guarded h_last(n.batch * n.units, edge), c_last(n.batch * n.units, edge);
  Guarded kept(rows * (n.features + n.units), edge), gates(rows * columns, edge), cells(rows * n.units, edge);
  const bool two = Cell::kSlots != Cell::kGates;
  const RecurrentWeights weights{kernel, recurrent, bias, two};
  const RecurrentWay way{backwards, false, nullptr};
  recurrent_forward<Cell>(n, weights, way, {x, h, c, ys, h_last, c_last, nullptr, nullptr, nullptr});
  const std::vector<float> alone = h_last.values();
  recurrent_forward<Cell>(n, weights, way, {x, h, c, ys, h_last, c_last, kept, gates, cells});
  CHECK(alone == h_last.values());
  Guarded dys(rows * n.units, edge, 1.0f), dh_last(n.batch * n.units, edge), dc_last(n.batch * n.units, edge);
  Guarded dz(rows * columns, edge), dx(rows * n.features, edge), dh(n.batch * n.units, edge), dc(n.batch * n.units, edge);
  Guarded dkernel(n.features * wide, edge), drecurrent(n.units * wide, edge), dbias((two ? 2 : 1) * wide, edge);
  recurrent_backward<Cell>(n, weights, way, {c, kept, gates, cells, dys, dh_last, dc_last, dz, dx, dh, dc, dkernel, drecurrent, dbias});
  CHECK(ys.intact() && h_last.intact() && c_last.intact() && kept.intact() && gates.intact() && cells.intact());
  CHECK(dz.intact() && dx.intact() && dh.intact() && dc.intact() && dkernel.intact() && drecurrent.intact() && dbias.intact());
  for (const float value : dx.values()) CHECK(std::isfinite(value));
  return alone;
}

TEST(recurrent_layers_touch_their_own_only) {
  for (const Edge edge : kEdges)
    for (const bool backwards : {false, true})
      for (const Index units : {1, 3, kWidth, kWidth + 1, kPanel + 1})
        for (const Index batch : {1, 2, 67}) {
          const RecurrentSizes n{batch, batch > 2 ? 2 : 4, 3, units};
          ran<GruCell>(n, backwards, edge);
          ran<SimpleCell<Tanh>>(n, backwards, edge);
          const std::vector<float> h = ran<LstmCell>(n, backwards, edge);
          const Index wide = 4 * units;
          std::vector<float> bias = numbers(2 * wide, 4);
          bias.resize(static_cast<std::size_t>(wide));
          if (!backwards)
            CHECK(close(h, exact_lstm(n, numbers(batch * n.steps * 3, 1), numbers(3 * wide, 2), numbers(units * wide, 3), bias), 2e-5));
        }
}

}  // namespace
}  // namespace ranvier::test
