#include "../src/cross_entropy.h"

#include "check.h"

namespace ranvier::test {
namespace {

constexpr double kTolerance = 2e-5;

struct Exact {
  std::vector<double> losses, gradient;
};

Exact exact(Index classes, const std::vector<float>& logits, const std::vector<std::int32_t>& labels,
            const std::vector<float>& d_losses) {
  Exact made;
  for (std::size_t r = 0; r < labels.size(); ++r) {
    const float* const row = logits.data() + r * static_cast<std::size_t>(classes);
    const bool real = labels[r] >= 0 && labels[r] < classes;
    double top = static_cast<double>(row[0]), total = 0;
    for (Index k = 0; k < classes; ++k) top = std::fmax(top, static_cast<double>(row[k]));
    for (Index k = 0; k < classes; ++k) total += std::exp(static_cast<double>(row[k]) - top);
    made.losses.push_back(real ? std::log(total) - (static_cast<double>(row[labels[r]]) - top) : 0);
    for (Index k = 0; k < classes; ++k) {
      const double share = std::exp(static_cast<double>(row[k]) - top) / total;
      made.gradient.push_back(real ? (share - (k == labels[r])) * static_cast<double>(d_losses[r]) : 0);
    }
  }
  return made;
}

void check_cross_entropy(Index classes, float scale, const std::vector<std::int32_t>& labels, Edge edge) {
  const Index rows = static_cast<Index>(labels.size());
  std::vector<float> some = numbers(rows * classes, 1);
  for (float& value : some) value *= scale;
  const std::vector<float> moved = numbers(rows, 2);
  const Exact expected = exact(classes, some, labels, moved);
  Guarded logits(some, edge), losses(rows, edge), alone(rows, edge), shares(rows * classes, edge);
  Guarded d(moved, edge), to(rows * classes, edge);
  const GuardedOf<std::int32_t> unchanged(labels, edge);
  GuardedOf<std::int32_t> own(labels, edge);
  cross_entropy_forward(rows, classes, logits, own, alone, nullptr);
  cross_entropy_forward(rows, classes, logits, own, losses, shares);
  cross_entropy_backward(rows, classes, own, shares, d, to);
  CHECK(close(losses.values(), expected.losses, kTolerance) && alone.values() == losses.values());
  CHECK(close(to.values(), expected.gradient, kTolerance) && own.values() == unchanged.values());
  CHECK(losses.intact() && alone.intact() && shares.intact() && to.intact());
}

TEST(cross_entropies_are_those_of_double_loops) {
  for (const Edge edge : kEdges)
    for (Index classes = 1; classes <= 2 * kPanel + 1; ++classes) {
      const auto last = static_cast<std::int32_t>(classes - 1);
      check_cross_entropy(classes, 1.0f, {0, last, last / 2}, edge);
      check_cross_entropy(classes, 50.0f, {last}, edge);
    }
}

TEST(labels_that_no_class_has_give_nothing) {
  constexpr std::int32_t far = std::numeric_limits<std::int32_t>::max();
  for (const Edge edge : kEdges)
    for (const Index classes : {Index{1}, Index{kWidth}, Index{kPanel + 3}})
      check_cross_entropy(classes, 2.0f, {-1, static_cast<std::int32_t>(classes), -far - 1, far, 0}, edge);
}

TEST(many_rows_are_cut_into_pieces) {
  std::vector<std::int32_t> labels(2500);
  for (std::size_t r = 0; r < labels.size(); ++r) labels[r] = static_cast<std::int32_t>(r % 9) - 1;
  check_cross_entropy(7, 3.0f, labels, Edge::behind);
}

TEST(large_logits_do_not_overflow) {
  for (const Edge edge : kEdges) check_cross_entropy(kWidth + 1, 1e30f, {0, kWidth}, edge);
}

TEST(no_numbers_stay_in_their_row) {
  constexpr Index classes = kWidth + 2;
  std::vector<float> some = numbers(3 * classes, 1);
  some[classes + 1] = kNan;
  const std::int32_t labels[] = {0, 3, classes - 1};
  std::vector<float> losses(3), shares(some.size());
  cross_entropy_forward(3, classes, some.data(), labels, losses.data(), shares.data());
  CHECK(std::isfinite(losses[0]) && std::isnan(losses[1]) && std::isfinite(losses[2]));
  for (Index k = 0; k < 3 * classes; ++k)
    CHECK(std::isnan(shares[static_cast<std::size_t>(k)]) == (k / classes == 1));
}

}  // namespace
}  // namespace ranvier::test
