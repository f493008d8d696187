#include "../src/pool.h"

#include "check.h"

namespace ranvier::test {
namespace {

// Calls `body(output, inputs)` for every output with the inputs under its window: their numbers, and their taps.
struct Under {
  std::vector<std::size_t> places;
  std::vector<Index> taps;
};
template <class Body>
void outputs_of(const Pooling& p, Body&& body) {
  std::size_t output = 0;
  Under under;
  for (Index n = 0; n < p.pictures; ++n)
    for (Index i = 0; i < p.down.places; ++i)
      for (Index j = 0; j < p.across.places; ++j)
        for (Index c = 0; c < p.channels; ++c) {
          under.places.clear();
          under.taps.clear();
          for (Index a = 0; a < p.down.taps; ++a)
            for (Index b = 0; b < p.across.taps; ++b) {
              const Index row = i * p.down.stride + a - p.down.low, column = j * p.across.stride + b - p.across.low;
              if (row < 0 || row >= p.height || column < 0 || column >= p.width) continue;
              const Index place = ((n * p.height + row) * p.width + column) * p.channels + c;
              under.places.push_back(static_cast<std::size_t>(place));
              under.taps.push_back(a * p.across.taps + b);
            }
          body(output++, under);
        }
}

// Whole numbers in [-2, 2], so that many are equal, and minus infinity here and there.
std::vector<float> coarse(Index count) {
  std::vector<float> made = numbers(count, 1);
  for (float& value : made) value = value < -0.9f ? -kInfinity : std::round(2 * value);
  return made;
}

void check_pooling(const Pooling& p, Edge edge) {
  const Index inputs = p.pictures * p.height * p.width * p.channels;
  const Index outputs = p.pictures * p.down.places * p.across.places * p.channels;
  const std::vector<float> some = coarse(inputs), smooth = numbers(inputs, 2), moved = numbers(outputs, 3);
  Guarded x(some, edge), z(smooth, edge), dy(moved, edge), y(outputs, edge), alone(outputs, edge), mean(outputs, edge);
  Guarded dx(inputs, edge, kNan), d_mean(inputs, edge, kNan);
  GuardedBytes winners(outputs, edge);
  max_pool_forward(p, x, y, winners);
  max_pool_forward(p, x, alone, nullptr);
  max_pool_backward(p, winners, dy, dx);
  average_pool_forward(p, z, mean);
  average_pool_backward(p, dy, d_mean);

  std::vector<double> exact_dx(some.size()), exact_mean(moved.size()), exact_d_mean(some.size());
  outputs_of(p, [&](std::size_t o, const Under& under) {
    float most = -kInfinity;
    std::size_t winner = 0;
    for (std::size_t t = 0; t < under.places.size(); ++t) {
      const float value = some[under.places[t]];
      if (value > most) most = value, winner = t;
      exact_mean[o] += static_cast<double>(smooth[under.places[t]]) / static_cast<double>(under.places.size());
      exact_d_mean[under.places[t]] += static_cast<double>(moved[o]) / static_cast<double>(under.places.size());
    }
    CHECK(y[static_cast<Index>(o)] == most);
    // Of a window of nothing but minus infinities the first tap wins, or nobody where that tap lies outside.
    const bool nothing = most == -kInfinity;
    const Index found = winners[static_cast<Index>(o)];
    CHECK(found == under.taps[winner] || (nothing && found == kNobody && under.taps[0] != 0));
    if (found != kNobody) exact_dx[under.places[winner]] += static_cast<double>(moved[o]);
  });
  CHECK(close(dx.values(), exact_dx, 1e-5) && alone.values() == y.values());
  CHECK(close(mean.values(), exact_mean, 1e-5) && close(d_mean.values(), exact_d_mean, 1e-5));
  CHECK(y.intact() && alone.intact() && winners.intact() && dx.intact() && mean.intact() && d_mean.intact());
}

// Windows along an axis of this length: `low` places before it and as many behind.
Sliding sliding(Index length, Index taps, Index stride, Index low) {
  return {taps, stride, 1, low, (length + 2 * low - taps) / stride + 1};
}

TEST(poolings_are_those_of_double_loops) {
  for (const Edge edge : kEdges)
    for (const Index channels : {1, kWidth - 1, kWidth, kWidth + 1})
      for (const Index taps : {1, 2, 3, 4})
        for (const Index stride : {1, 2, 3})
          check_pooling({2, 7, 6, channels, sliding(7, taps, stride, taps / 2), sliding(6, taps, stride, taps / 2)},
                        edge);
}

TEST(poolings_of_other_shapes_are_those_of_double_loops) {
  for (const Edge edge : kEdges) {
    check_pooling({3, 1, 19, 5, sliding(1, 1, 1, 0), sliding(19, 4, 2, 0)}, edge);
    check_pooling({1, 300, 70, 1, sliding(300, 2, 2, 0), sliding(70, 2, 2, 0)}, edge);
    check_pooling({2, 17, 15, 2, sliding(17, 17, 1, 0), sliding(15, 15, 1, 0)}, edge);  // 255 taps: as many as fit
    check_pooling({1, 5, 4, kWidth, sliding(5, 2, 3, 0), sliding(4, 1, 2, 0)}, edge);
  }
}

TEST(of_no_numbers_under_a_window_the_last_wins) {
  const Pooling p{1, 2, 2, kWidth + 1, {2, 2, 1, 0, 1}, {2, 2, 1, 0, 1}};
  for (const Edge edge : kEdges) {
    Guarded x(4 * p.channels, edge, 1.0f), y(p.channels, edge);
    GuardedBytes winners(p.channels, edge);
    for (Index c = 0; c < p.channels; ++c) x[p.channels + c] = x[2 * p.channels + c] = kNan;
    max_pool_forward(p, x, y, winners);
    for (Index c = 0; c < p.channels; ++c) CHECK(std::isnan(y[c]) && winners[c] == 2);
  }
}

}  // namespace
}  // namespace ranvier::test
