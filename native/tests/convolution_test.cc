#include "../src/conv_pool.h"

#include <algorithm>

#include "check.h"

namespace ranvier {
struct PooledBand;
struct UnpooledRows;
}  // namespace ranvier

namespace ranvier::test {
namespace {

constexpr double kTolerance = 2e-5;

// Calls `body(input, weight, output)` with the places of every product of a convolution.
template <class Body>
void products(const Convolution& c, Body&& body) {
  const Index channels = c.group_channels(), filters = c.group_filters();
  for (Index n = 0; n < c.pictures; ++n)
    for (Index i = 0; i < c.down.places; ++i)
      for (Index j = 0; j < c.across.places; ++j)
        for (Index a = 0; a < c.down.taps; ++a)
          for (Index b = 0; b < c.across.taps; ++b) {
            const Index row = i * c.down.stride - c.down.low + a * c.down.dilation;
            const Index column = j * c.across.stride - c.across.low + b * c.across.dilation;
            if (row < 0 || row >= c.height || column < 0 || column >= c.width) continue;
            for (Index k = 0; k < channels; ++k)
              for (Index f = 0; f < c.filters; ++f)
                body(((n * c.height + row) * c.width + column) * c.channels + f / filters * channels + k,
                     ((a * c.across.taps + b) * channels + k) * c.filters + f,
                     ((n * c.down.places + i) * c.across.places + j) * c.filters + f);
          }
}

double at(const std::vector<float>& values, Index i) { return static_cast<double>(values[static_cast<std::size_t>(i)]); }

void check_convolution(const Convolution& c, Edge edge) {
  const Index inputs = c.pictures * c.height * c.width * c.channels;
  const Index outputs = c.pictures * c.down.places * c.across.places * c.filters;
  const Index weights = c.down.taps * c.across.taps * c.group_channels() * c.filters;
  const std::vector<float> some = numbers(inputs, 1), kernel = numbers(weights, 2), shift = numbers(c.filters, 3);
  const std::vector<float> moved = numbers(outputs, 4);
  std::vector<double> y(static_cast<std::size_t>(outputs)), dx(some.size()), dw(kernel.size()), db(shift.size());
  for (Index o = 0; o < outputs; ++o) y[static_cast<std::size_t>(o)] = at(shift, o % c.filters);
  products(c, [&](Index x, Index w, Index o) { y[static_cast<std::size_t>(o)] += at(some, x) * at(kernel, w); });
  std::vector<float> d = moved;
  for (std::size_t o = 0; o < y.size(); ++o)
    if (c.relu && y[o] <= 0) y[o] = 0, d[o] = 0;
  products(c, [&](Index x, Index w, Index o) {
    dx[static_cast<std::size_t>(x)] += at(d, o) * at(kernel, w);
    dw[static_cast<std::size_t>(w)] += at(d, o) * at(some, x);
  });
  for (Index o = 0; o < outputs; ++o) db[static_cast<std::size_t>(o % c.filters)] += at(d, o);

  Guarded x(some, edge), w(kernel, edge), bias(shift, edge), dy(moved, edge), made(outputs, edge);
  Guarded made_dx(inputs, edge), made_dw(weights, edge), made_db(c.filters, edge);
  convolution_forward(c, x, w, bias, made);
  convolution_backward(c, x, w, made, dy, made_dx, made_dw, made_db);
  CHECK(close(made.values(), y, kTolerance) && close(made_dx.values(), dx, kTolerance));
  CHECK(close(made_dw.values(), dw, 5 * kTolerance) && close(made_db.values(), db, 5 * kTolerance));
  CHECK(made.intact() && made_dx.intact() && made_dw.intact() && made_db.intact());
}

// Windows along an axis of this length: `low` zeros stand before it and as many behind.
Sliding sliding(Index length, Index taps, Index stride, Index dilation, Index low) {
  return {taps, stride, dilation, low, (length + 2 * low - dilation * (taps - 1) - 1) / stride + 1};
}

TEST(convolutions_are_those_of_double_loops) {
  for (const Edge edge : kEdges)
    for (const bool relu : {false, true}) {
      for (const Index filters : {1, 3, kWidth, kPanel + 1})
        for (const Index channels : {1, 2, kWidth + 1})
          check_convolution({2, 5, 6, channels, filters, 1, sliding(5, 3, 1, 1, 1), sliding(6, 3, 1, 1, 1), relu}, edge);
      check_convolution({3, 7, 9, 3, 5, 1, sliding(7, 3, 2, 1, 0), sliding(9, 2, 3, 1, 0), relu}, edge);
      check_convolution({1, 9, 8, 2, 4, 1, sliding(9, 2, 1, 3, 0), sliding(8, 3, 1, 2, 2), relu}, edge);
      check_convolution({2, 4, 5, 6, 9, 3, sliding(4, 3, 1, 1, 1), sliding(5, 3, 1, 1, 1), relu}, edge);
      check_convolution({2, 6, 5, 2 * kWidth + 3, 2 * kWidth + 3, 2 * kWidth + 3, sliding(6, 3, 1, 1, 1), sliding(5, 3, 1, 1, 1), relu}, edge);
      check_convolution({2, 6, 5, 5, 5, 5, sliding(6, 3, 2, 1, 1), sliding(5, 3, 2, 1, 1), relu}, edge);
      check_convolution({17, 3, 4, 7, 6, 1, sliding(3, 1, 1, 1, 0), sliding(4, 1, 1, 1, 0), relu}, edge);
      check_convolution({1, 1, 40, 3, 5, 1, sliding(1, 1, 1, 1, 0), sliding(40, 5, 1, 1, 4), relu}, edge);
    }
}

TEST(channels_by_themselves_are_those_of_double_loops) {
  for (const Edge edge : kEdges)
    for (const bool relu : {false, true})
      for (const Index channels : {2, kWidth - 1, kWidth, kPanel + 1}) {
        const auto check = [&](const Sliding& down, const Sliding& across) {
          check_convolution({3, 9, 8, channels, channels, channels, down, across, relu}, edge);
        };
        check(sliding(9, 3, 1, 1, 1), sliding(8, 3, 1, 1, 1));
        check(sliding(9, 2, 3, 2, 0), sliding(8, 3, 2, 2, 1));
        check(sliding(9, 9, 1, 1, 0), sliding(8, 1, 3, 1, 0));
        check(sliding(9, 3, 1, 1, -1), sliding(8, 2, 1, 1, -2));
      }
}

// --- pooled at once --------------------------------------------------------------------------------------------------

// The largest output under each window, by the winners that were found, which must be as large as any.
std::vector<double> pooled(const Convolution& c, const Pooling& p, const std::vector<double>& y,
                           const std::vector<std::uint8_t>& winners, std::vector<std::size_t>& won) {
  std::vector<double> made;
  for (Index n = 0; n < c.pictures; ++n)
    for (Index i = 0; i < p.down.places; ++i)
      for (Index j = 0; j < p.across.places; ++j)
        for (Index f = 0; f < c.filters; ++f) {
          const auto place = [&](Index tap) {
            const Index row = i * p.down.stride + tap / p.across.taps;
            const Index column = j * p.across.stride + tap % p.across.taps;
            return static_cast<std::size_t>(((n * c.down.places + row) * c.across.places + column) * c.filters + f);
          };
          const Index winner = winners[made.size()];
          CHECK(winner < p.down.taps * p.across.taps);
          won.push_back(place(winner));
          made.push_back(y[won.back()]);
          for (Index tap = 0; tap < p.down.taps * p.across.taps; ++tap) {
            CHECK(y[place(tap)] <= made.back() + kTolerance);
            CHECK(tap >= winner || y[place(tap)] < made.back() || made.back() != 0);  // of zeros the first
          }
        }
  return made;
}

// What earlier calls left behind must not show in later ones.
template <class Use>
void spoil() {
  parallel(64, [](Index) {
    constexpr Index count = 1 << 14;
    std::fill_n(Scratch<Use>::floats(count), count, kNan);
  });
}

void check_pooled(const Convolution& c, const Pooling& p, Edge edge) {
  spoil<UnpooledRows>();
  spoil<PooledBand>();
  const Index inputs = c.pictures * c.height * c.width * c.channels;
  const Index outputs = c.pictures * p.down.places * p.across.places * c.filters;
  const std::vector<float> some = numbers(inputs, 1), kernel = numbers(c.depth() * c.filters, 2);
  const std::vector<float> shift = numbers(c.filters, 3), moved = numbers(outputs, 4);
  Guarded x(some, edge), w(kernel, edge), bias(shift, edge), dy(moved, edge), y(outputs, edge), alone(outputs, edge);
  Guarded dx(inputs, edge), dw(c.depth() * c.filters, edge), db(c.filters, edge);
  GuardedBytes winners(outputs, edge);
  conv_pool_forward(c, p, x, w, bias, alone, nullptr);
  conv_pool_forward(c, p, x, w, bias, y, winners);
  conv_pool_backward(c, p, x, w, y, winners, dy, dx, dw, db);

  std::vector<double> sums(static_cast<std::size_t>(c.pictures * c.places() * c.filters)), d(sums.size());
  for (std::size_t o = 0; o < sums.size(); ++o) sums[o] = at(shift, static_cast<Index>(o) % c.filters);
  products(c, [&](Index i, Index k, Index o) { sums[static_cast<std::size_t>(o)] += at(some, i) * at(kernel, k); });
  for (double& value : sums)
    if (c.relu && value < 0) value = 0;
  std::vector<std::size_t> won;
  const std::vector<double> expected = pooled(c, p, sums, winners.values(), won);
  for (std::size_t o = 0; o < won.size(); ++o)
    if (!c.relu || expected[o] > 0) d[won[o]] += static_cast<double>(moved[o]);
  std::vector<double> exact_dx(some.size()), exact_dw(kernel.size()), exact_db(shift.size());
  products(c, [&](Index i, Index k, Index o) {
    exact_dx[static_cast<std::size_t>(i)] += d[static_cast<std::size_t>(o)] * at(kernel, k);
    exact_dw[static_cast<std::size_t>(k)] += d[static_cast<std::size_t>(o)] * at(some, i);
  });
  for (std::size_t o = 0; o < d.size(); ++o) exact_db[o % exact_db.size()] += d[o];
  CHECK(close(y.values(), expected, kTolerance) && alone.values() == y.values());
  CHECK(close(dx.values(), exact_dx, kTolerance));
  CHECK(close(dw.values(), exact_dw, 5 * kTolerance) && close(db.values(), exact_db, 5 * kTolerance));
  CHECK(y.intact() && alone.intact() && winners.intact() && dx.intact() && dw.intact() && db.intact());
}

// Windows of `taps`, `stride` apart, on the outputs of a convolution.
Pooling pooling(const Convolution& c, Index taps, Index stride) {
  return {c.pictures, c.down.places, c.across.places, c.filters, sliding(c.down.places, taps, stride, 1, 0),
          sliding(c.across.places, taps, stride, 1, 0)};
}

TEST(pooled_convolutions_are_those_of_double_loops) {
  for (const Edge edge : kEdges)
    for (const bool relu : {false, true}) {
      for (const Index filters : {1, 3, kWidth, kPanel + 1})
        for (const Index taps : {1, 2, 3}) {
          const Convolution c{2, 9, 10, 3, filters, 1, sliding(9, 3, 1, 1, 1), sliding(10, 3, 1, 1, 0), relu};
          check_pooled(c, pooling(c, taps, taps), edge);
          check_pooled(c, pooling(c, taps, taps + 1), edge);  // gaps between the windows
        }
      const Convolution strides{3, 12, 11, 4, 6, 2, sliding(12, 2, 2, 1, 1), sliding(11, 3, 1, 2, 2), relu};
      check_pooled(strides, pooling(strides, 2, 2), edge);
      const Convolution tall{1, 150, 40, 1, 5, 1, sliding(150, 3, 1, 1, 0), sliding(40, 3, 1, 1, 0), relu};
      check_pooled(tall, pooling(tall, 2, 2), edge);
      const Convolution sequence{2, 1, 30, 3, kWidth + 1, 1, sliding(1, 1, 1, 1, 0), sliding(30, 4, 1, 1, 0), relu};
      check_pooled(sequence, {2, 1, 27, kWidth + 1, sliding(1, 1, 1, 1, 0), sliding(27, 2, 2, 1, 0)}, edge);
    }
}

}  // namespace
}  // namespace ranvier::test
