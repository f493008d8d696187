#include "../src/conv.h"

#include "../src/pool.h"
#include "check.h"

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

TEST(poolings_touch_their_own_only) {
  for (const Edge edge : kEdges)
    for (const Index channels : {1, 3, kWidth - 1, kWidth, kWidth + 1, kPanel + 1})
      for (const Index taps : {1, 2, 3, 4})
        for (const Index stride : {1, 2, 3}) {
          const Pooling p{2, 7, 6, channels, sliding(7, taps, stride, 1, taps / 2), sliding(6, taps, stride, 1, taps / 2)};
          const Index inputs = p.pictures * p.height * p.width * channels;
          const Index outputs = p.pictures * p.down.places * p.across.places * channels;
          std::vector<unsigned char> winners(static_cast<std::size_t>(outputs));
          Guarded x(numbers(inputs, 1), edge), y(outputs, edge), dy(outputs, edge, 1.0f), dx(inputs, edge), mean(outputs, edge);
          max_pool_forward(p, x, y, winners.data());
          max_pool_backward(p, winners.data(), dy, dx);
          average_pool_forward(p, x, mean);
          double given = 0;
          for (const float value : dx.values()) given += static_cast<double>(value);
          CHECK(given == static_cast<double>(outputs));
          for (Index o = 0; o < outputs; ++o) CHECK(mean[o] <= y[o] && y[o] < 1.0f);
          CHECK(y.intact() && dx.intact() && mean.intact());
        }
}

}  // namespace
}  // namespace ranvier::test
