#include "../src/dense.h"

#include "check.h"

namespace ranvier::test {
namespace {

constexpr double kTolerance = 2e-5;

double slope_of(Activation activation, double x) {
  const double bell = std::exp(-x * x / 2) / std::sqrt(2 * std::acos(-1.0)), below = std::erfc(-x / std::sqrt(2.0)) / 2;
  const double s = 1 / (1 + std::exp(-x));
  if (activation == Activation::kRelu) return x > 0 ? 1 : 0;
  if (activation == Activation::kGelu) return below + x * bell;
  if (activation == Activation::kSilu) return s + x * s * (1 - s);
  return 1;
}

double value_of(Activation activation, double x) {
  if (activation == Activation::kRelu) return x > 0 ? x : 0;
  if (activation == Activation::kGelu) return x * std::erfc(-x / std::sqrt(2.0)) / 2;
  if (activation == Activation::kSilu) return x / (1 + std::exp(-x));
  return x;
}

void check_dense(Index rows, Index in, Index out, Activation activation, Edge edge) {
  const std::vector<float> some = numbers(rows * in, 1), weights = numbers(in * out, 2), shift = numbers(out, 3);
  const std::vector<float> moved = numbers(rows * out, 4);
  std::vector<double> y(moved.size()), dx(some.size()), dw(weights.size()), db(shift.size());
  for (std::size_t r = 0; r < std::size_t(rows); ++r)
    for (std::size_t n = 0; n < std::size_t(out); ++n) {
      double total = double(shift[n]);
      for (std::size_t k = 0; k < std::size_t(in); ++k) total += double(some[r * std::size_t(in) + k]) * double(weights[k * std::size_t(out) + n]);
      const double d = slope_of(activation, total) * double(moved[r * std::size_t(out) + n]);
      y[r * std::size_t(out) + n] = value_of(activation, total);
      db[n] += d;
      for (std::size_t k = 0; k < std::size_t(in); ++k) {
        dx[r * std::size_t(in) + k] += d * double(weights[k * std::size_t(out) + n]);
        dw[k * std::size_t(out) + n] += d * double(some[r * std::size_t(in) + k]);
      }
    }
  Guarded x(some, edge), kernel(weights, edge), bias(shift, edge), dy(moved, edge), made(rows * out, edge);
  Guarded rise(rows * out, edge), made_dx(rows * in, edge), made_dw(in * out, edge), made_db(out, edge);
  dense_forward(rows, in, out, activation, x, kernel, bias, made, rise);
  float* const kept = activation == Activation::kRelu ? made : rise;
  dense_backward(rows, in, out, activation, x, kernel, kept, dy, made_dx, made_dw, made_db);
  CHECK(close(made.values(), y, kTolerance) && close(made_dx.values(), dx, 5 * kTolerance));
  CHECK(close(made_dw.values(), dw, 20 * kTolerance) && close(made_db.values(), db, 20 * kTolerance));
  CHECK(made.intact() && rise.intact() && made_dx.intact() && made_dw.intact() && made_db.intact());
}

TEST(dense_layers_are_those_of_double_loops) {
  for (const Edge edge : kEdges)
    for (const Activation activation : {Activation::kNone, Activation::kRelu, Activation::kGelu, Activation::kSilu}) {
      for (const Index out : {1, 2, kWidth - 1, kWidth, kPanel, kPanel + 1, 5 * kPanel + 3})
        for (const Index rows : {1, 3, 97}) check_dense(rows, 5, out, activation, edge);
      for (const Index in : {1, kPanel - 1, 2 * kPanel + 1}) check_dense(7, in, 6, activation, edge);
      check_dense(inner::kDenseManyRows + 9, 3, kWidth + 1, activation, edge);
    }
}

}  // namespace
}  // namespace ranvier::test
