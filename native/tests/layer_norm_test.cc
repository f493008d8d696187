#include "../src/layer_norm.h"

#include "check.h"

namespace ranvier::test {
namespace {

constexpr double kEpsilon = 1e-3, kTolerance = 2e-5;

struct Exact {
  std::vector<double> y, dx, dgamma, dbeta;
};

Exact exact(Index rows, Index n, const std::vector<float>& x, const std::vector<float>& gamma,
            const std::vector<float>& beta, const std::vector<float>& dy) {
  const auto size = static_cast<std::size_t>(rows * n), width = static_cast<std::size_t>(n);
  Exact made{std::vector<double>(size), std::vector<double>(size), std::vector<double>(width), std::vector<double>(width)};
  for (std::size_t r = 0; r < size; r += width) {
    double mean = 0, variance = 0, average = 0, along = 0;
    for (std::size_t k = 0; k < width; ++k) mean += double(x[r + k]) / double(n);
    for (std::size_t k = 0; k < width; ++k) variance += (double(x[r + k]) - mean) * (double(x[r + k]) - mean) / double(n);
    const double factor = 1 / std::sqrt(variance + kEpsilon);
    for (std::size_t k = 0; k < width; ++k) {
      const double normal = (double(x[r + k]) - mean) * factor, d = double(dy[r + k]);
      made.y[r + k] = normal * double(gamma[k]) + double(beta[k]);
      made.dgamma[k] += d * normal;
      made.dbeta[k] += d;
      average += d * double(gamma[k]) / double(n);
      along += d * double(gamma[k]) * normal / double(n);
    }
    for (std::size_t k = 0; k < width; ++k) {
      const double normal = (double(x[r + k]) - mean) * factor;
      made.dx[r + k] = (double(dy[r + k]) * double(gamma[k]) - average - normal * along) * factor;
    }
  }
  return made;
}

void check_layer_norm(Index rows, Index n, Edge edge) {
  const std::vector<float> some = numbers(rows * n, 1), scale = numbers(n, 2), shift = numbers(n, 3), moved = numbers(rows * n, 4);
  const Exact expected = exact(rows, n, some, scale, shift, moved);
  Guarded x(some, edge), gamma(scale, edge), beta(shift, edge), dy(moved, edge);
  Guarded y(rows * n, edge), mean(rows, edge), factor(rows, edge), dx(rows * n, edge), dgamma(n, edge), dbeta(n, edge);
  layer_norm_forward(rows, n, x, gamma, beta, static_cast<float>(kEpsilon), y, mean, factor);
  layer_norm_backward(rows, n, x, gamma, mean, factor, dy, dx, dgamma, dbeta);
  CHECK(close(y.values(), expected.y, kTolerance) && close(dx.values(), expected.dx, 10 * kTolerance));
  CHECK(close(dgamma.values(), expected.dgamma, kTolerance) && close(dbeta.values(), expected.dbeta, kTolerance));
  CHECK(y.intact() && mean.intact() && factor.intact() && dx.intact() && dgamma.intact() && dbeta.intact());
}

TEST(layer_norm_is_that_of_double_loops) {
  for (const Edge edge : kEdges) {
    for (Index n = 1; n <= 2 * kPanel + 1; ++n) check_layer_norm(3, n, edge);
    for (const Index rows : {1, 7, 8, 9, 17}) check_layer_norm(rows, 5, edge);
  }
  check_layer_norm(70, 1000, Edge::behind);
}

}  // namespace
}  // namespace ranvier::test
