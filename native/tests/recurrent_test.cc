#include <functional>

#include "../src/gru.h"
#include "../src/lstm.h"
#include "../src/simple_rnn.h"
#include "check.h"

namespace ranvier::test {
namespace {

using Doubles = std::vector<double>;
double logistic(double x) { return 1 / (1 + std::exp(-x)); }

// One unit of a cell in double: from the sums over x and over h, one for each gate, to the next h and c.
using Unit = void (*)(const Doubles& of_x, const Doubles& of_h, double& h, double& c);
void lstm_unit(const Doubles& x, const Doubles& h, double& out, double& c) {
  c = logistic(x[1] + h[1]) * c + logistic(x[0] + h[0]) * std::tanh(x[2] + h[2]);
  out = logistic(x[3] + h[3]) * std::tanh(c);
}
void gru_unit(const Doubles& x, const Doubles& h, double& out, double&) {
  const double z = logistic(x[0] + h[0]);
  out = z * out + (1 - z) * std::tanh(x[2] + logistic(x[1] + h[1]) * h[2]);
}
void tanh_unit(const Doubles& x, const Doubles& h, double& out, double&) { out = std::tanh(x[0] + h[0]); }
void relu_unit(const Doubles& x, const Doubles& h, double& out, double&) { out = std::fmax(x[0] + h[0], 0); }

struct Problem {
  RecurrentSizes n;
  RecurrentWay way;
  std::size_t gates;
  bool two_biases, carries;
  Unit unit;
};

// x, kernel, recurrent kernel, bias, first h, first c; and the outputs of all steps, the last h, the last c.
enum Operand : std::size_t { kX, kKernel, kRecurrent, kBias, kH, kC, kOperands };
using Operands = std::vector<Doubles>;

Operands exact(const Problem& p, const Operands& given) {
  const auto units = std::size_t(p.n.units), features = std::size_t(p.n.features), wide = p.gates * units;
  Operands made = {Doubles(std::size_t(p.n.batch * p.n.steps) * units), given[kH], given[kC]};
  for (Index b = 0; b < p.n.batch; ++b)
    for (Index step = 0; step < p.n.steps; ++step) {
      const Index time = p.way.time(step, p.n.steps);
      const auto place = std::size_t(b * p.n.steps + time), row = std::size_t(b) * units;
      const bool real = p.way.mask == nullptr || p.way.mask[place];
      const Doubles before(made[1].begin() + std::ptrdiff_t(row), made[1].begin() + std::ptrdiff_t(row + units));
      for (std::size_t u = 0; u < units && real; ++u) {
        Doubles x(p.gates), h(p.gates);
        for (std::size_t gate = 0; gate < p.gates; ++gate) {
          const std::size_t column = gate * units + u;
          x[gate] = given[kBias][column], h[gate] = p.two_biases ? given[kBias][wide + column] : 0;
          for (std::size_t k = 0; k < features; ++k)
            x[gate] += given[kX][place * features + k] * given[kKernel][k * wide + column];
          for (std::size_t k = 0; k < units; ++k) h[gate] += before[k] * given[kRecurrent][k * wide + column];
        }
        double none = 0;
        p.unit(x, h, made[1][row + u], p.carries ? made[2][row + u] : none);
      }
      for (std::size_t u = 0; u < units; ++u)
        made[0][place * units + u] = real || !p.way.zero_masked ? made[1][row + u] : 0;
    }
  return made;
}

double dot(const Doubles& one, const Doubles& other) {
  double total = 0;
  for (std::size_t i = 0; i < one.size(); ++i) total += one[i] * other[i];
  return total;
}

// What cotangents of the results come to along a direction of one operand, by a difference in double.
double slope(const Problem& p, const Operands& given, const Operands& cotangents, std::size_t of,
             const Doubles& along) {
  constexpr double kStep = 1e-6;
  const auto loss = [&](double step) {
    Operands moved = given;
    for (std::size_t i = 0; i < along.size(); ++i) moved[of][i] += step * along[i];
    const Operands made = exact(p, moved);
    return dot(made[0], cotangents[0]) + dot(made[1], cotangents[1]) + dot(made[2], cotangents[2]);
  };
  return (loss(kStep) - loss(-kStep)) / (2 * kStep);
}

Doubles wide(const std::vector<float>& values) { return {values.begin(), values.end()}; }

template <class Cell>
void check_cell(const RecurrentSizes& n, const RecurrentWay& way, bool two, Unit unit, Edge edge) {
  const Index gates = Cell::kGates * n.units, rows = n.batch * n.steps, columns = Cell::kSlots * n.units;
  const Index state = n.batch * n.units, carried = Cell::kCarries ? state : 0;
  const std::vector<std::vector<float>> given = {
      numbers(rows * n.features, 1), numbers(n.features * gates, 2), numbers(n.units * gates, 3),
      numbers((two ? 2 : 1) * gates, 4), numbers(state, 5), numbers(carried, 6)};
  const std::vector<std::vector<float>> moved = {numbers(rows * n.units, 7), numbers(state, 8), numbers(carried, 9)};
  Operands in_double, cotangents;
  for (const std::vector<float>& values : given) in_double.push_back(wide(values));
  for (const std::vector<float>& values : moved) cotangents.push_back(wide(values));

  Guarded x(given[kX], edge), kernel(given[kKernel], edge), recurrent(given[kRecurrent], edge);
  Guarded bias(given[kBias], edge);
  Guarded h(given[kH], edge), c(given[kC], edge), ys(rows * n.units, edge), h_last(state, edge), c_last(carried, edge);
  Guarded kept(rows * (n.features + n.units), edge), slots(rows * columns, edge), cells(n.steps * carried, edge);
  const RecurrentWeights weights{kernel, recurrent, bias, two};
  recurrent_forward<Cell>(n, weights, way, {x, h, c, ys, h_last, c_last, nullptr, nullptr, nullptr});
  const std::vector<float> alone = h_last.values(), alone_c = c_last.values(), alone_ys = ys.values();
  recurrent_forward<Cell>(n, weights, way, {x, h, c, ys, h_last, c_last, kept, slots, cells});
  CHECK(alone == h_last.values() && alone_c == c_last.values() && alone_ys == ys.values());
  const Problem problem{n, way, std::size_t(Cell::kGates), two, Cell::kCarries, unit};
  const Operands expected = exact(problem, in_double);
  CHECK(close(ys.values(), expected[0], 3e-5) && close(h_last.values(), expected[1], 3e-5));
  CHECK(close(c_last.values(), expected[2], 3e-5));

  Guarded dys(moved[0], edge), dh_last(moved[1], edge), dc_last(moved[2], edge), dz(rows * columns, edge, kNan);
  Guarded dx(rows * n.features, edge, kNan), dh(state, edge, kNan), dc(carried, edge, kNan);
  Guarded dkernel(n.features * gates, edge, kNan), drecurrent(n.units * gates, edge, kNan);
  Guarded dbias((two ? 2 : 1) * gates, edge, kNan);
  recurrent_backward<Cell>(n, weights, way, {c, kept, slots, cells, dys, dh_last, dc_last, dz, dx, dh, dc, dkernel,
                                             drecurrent, dbias});
  const Operands found = {wide(dx.values()), wide(dkernel.values()), wide(drecurrent.values()),
                          wide(dbias.values()), wide(dh.values()), wide(dc.values())};
  for (std::size_t of = 0; of < kOperands; ++of) {
    const Doubles along = wide(numbers(static_cast<Index>(found[of].size()), 10 + static_cast<unsigned>(of)));
    double size = 0;
    for (const double value : found[of]) size += std::abs(value);
    CHECK(std::abs(dot(found[of], along) - slope(problem, in_double, cotangents, of, along)) <= 1e-4 * (1 + size));
  }
  CHECK(ys.intact() && h_last.intact() && c_last.intact() && kept.intact() && slots.intact() && cells.intact());
  CHECK(dz.intact() && dx.intact() && dh.intact() && dc.intact() && dkernel.intact() && drecurrent.intact());
  CHECK(dbias.intact());
}

void check_cells(const RecurrentSizes& n, const RecurrentWay& way, Edge edge) {
  check_cell<LstmCell>(n, way, false, lstm_unit, edge);
  check_cell<GruCell>(n, way, true, gru_unit, edge);
  check_cell<GruCell>(n, way, false, gru_unit, edge);
  check_cell<SimpleCell<Tanh>>(n, way, false, tanh_unit, edge);
  check_cell<SimpleCell<Relu>>(n, way, false, relu_unit, edge);
}

TEST(recurrent_layers_are_those_of_double_loops) {
  for (const Edge edge : kEdges)
    for (const bool backwards : {false, true}) {
      for (const Index units : {1, 3, kWidth, kWidth + 1, kPanel + 1})
        for (const Index batch : {1, 2}) check_cells({batch, 4, 3, units}, {backwards, false, nullptr}, edge);
      check_cells({67, 2, 3, 2}, {backwards, false, nullptr}, edge);
      check_cells({3, 1, kPanel + 1, 5}, {backwards, false, nullptr}, edge);
    }
}

TEST(masked_steps_repeat_what_was_before_or_are_zero) {
  for (const Edge edge : kEdges)
    for (const bool backwards : {false, true})
      for (const bool zero_masked : {false, true})
        for (const Index batch : {1, 5, 67}) {
          const RecurrentSizes n{batch, batch > 5 ? 2 : 5, 3, batch > 5 ? Index{2} : Index{kWidth + 1}};
          std::vector<std::uint8_t> real = ones_and_zeros(batch * n.steps, 11);
          for (Index step = 0; step < n.steps; ++step) real[static_cast<std::size_t>(step)] = 0;  // a row of nothing
          GuardedBytes mask(real, edge);
          const auto* const bits = reinterpret_cast<const bool*>(static_cast<std::uint8_t*>(mask));
          check_cells(n, {backwards, zero_masked, bits}, edge);
        }
}

}  // namespace
}  // namespace ranvier::test
