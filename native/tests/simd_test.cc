#include "../src/simd.h"

#include "check.h"

namespace ranvier::test {
namespace {

Floats counting() {
  Floats values;
  for (int i = 0; i < kWidth; ++i) values[i] = static_cast<float>(i + 1);
  return values;
}

TEST(loads_read_their_count_and_put_zeros_behind) {
  for (const Edge edge : kEdges)
    for (Index count = 0; count <= 2 * kPanel; ++count) {
      Guarded array(count, edge, 3.0f);
      const Floats found = load(array, count);
      for (int i = 0; i < kWidth; ++i) CHECK(found[i] == (i < count ? 3.0f : 0.0f));
    }
}

TEST(stores_write_their_count_and_nothing_else) {
  for (const Edge edge : kEdges)
    for (Index count = 0; count <= 2 * kPanel; ++count) {
      Guarded array(count, edge);
      store(array, count, counting());
      for (Index i = 0; i < count; ++i) CHECK(array[i] == (i < kWidth ? static_cast<float>(i + 1) : 0.0f));
      CHECK(array.intact());
    }
}

TEST(counts_below_zero_touch_nothing) {
  Guarded empty(0, Edge::behind);
  for (const Index count : {Index{-1}, Index{-kWidth}, std::numeric_limits<Index>::min()}) {
    store(empty, count, counting());
    CHECK(sum(load(empty, count)) == 0.0f);
  }
}

TEST(counts_beyond_32_bits_are_whole_vectors) {
  const std::vector<float> values = numbers(kWidth, 1);
  for (const Index count : {Index{1} << 31, (Index{1} << 32) + 1, std::numeric_limits<Index>::max()}) {
    const Floats found = load(values.data(), count);
    const Ints live = first_lanes(count);
    for (int i = 0; i < kWidth; ++i) CHECK(found[i] == values[static_cast<std::size_t>(i)] && live[i] == -1);
  }
}

TEST(the_first_lanes_are_counted) {
  for (Index count = -2; count <= kWidth + 2; ++count) {
    const Ints live = first_lanes(count);
    for (int i = 0; i < kWidth; ++i) CHECK(live[i] == (i < count ? -1 : 0));
  }
}

TEST(the_larger_one_of_no_number_is_no_number) {
  CHECK(std::isnan(maximum(all(kNan), all(1.0f))[0]) && std::isnan(maximum(all(1.0f), all(kNan))[0]));
  CHECK(std::isnan(maximum(all(kNan), all(kInfinity))[0]) && std::isnan(maximum(all(-kInfinity), all(kNan))[0]));
  CHECK(maximum(all(-2.0f), all(-3.0f))[0] == -2.0f && maximum(all(-kInfinity), all(5.0f))[kWidth - 1] == 5.0f);
}

TEST(relu_keeps_no_number) {
  CHECK(std::isnan(relu(all(kNan))[0]) && relu(all(-kInfinity))[0] == 0.0f && relu(all(kInfinity))[0] == kInfinity);
  CHECK(relu(all(-1e-45f))[0] == 0.0f && relu(all(1e-45f))[0] == 1e-45f);
}

TEST(all_keeps_the_sign_of_zero) {
  CHECK(std::signbit(all(-0.0f)[0]) && !std::signbit(all(0.0f)[0]) && std::isnan(all(kNan)[kWidth - 1]));
}

TEST(reductions_go_over_every_lane) {
  CHECK(sum(counting()) == static_cast<float>(kWidth * (kWidth + 1)) / 2.0f);
  for (int place = 0; place < kWidth; ++place) {
    Floats values = -counting() - 1.0f;
    values[place] = 0.5f;
    CHECK(largest(values) == 0.5f);
    values[place] = kNan;
    CHECK(std::isnan(largest(values)) && std::isnan(sum(values)));
  }
  CHECK(largest(all(-kInfinity)) == -kInfinity);
}

TEST(choose_takes_bits_as_they_are) {
  const Floats chosen = choose(first_lanes(1), all(kNan), all(-0.0f));
  CHECK(std::isnan(chosen[0]) && chosen[1] == 0.0f && std::signbit(chosen[1]));
}

}  // namespace
}  // namespace ranvier::test
