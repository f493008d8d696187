#include "../src/functions.h"

#include "../src/falling.h"
#include "check.h"

namespace ranvier::test {
namespace {

constexpr std::uint32_t kStride = RV_SANITIZED ? 90001 : 1009;  // through all bit patterns: every float's kind comes up

float of_bits(std::uint32_t bits) {
  float value;
  std::memcpy(&value, &bits, sizeof value);
  return value;
}

// The distance of neighbouring floats at `value`.
double unit_at(double value) {
  const double smallest = std::numeric_limits<float>::min();
  const int exponent = std::ilogb(std::fmax(std::abs(value), smallest));
  return std::ldexp(1.0, exponent - 23);
}

struct Worst {
  double error = 0, at = 0;
};

// The largest error, in units of the last place, over all floats between the bounds, of either sign.
template <class Found, class Exact>
Worst worst(Found found, Exact exact, double low, double high) {
  Worst seen;
  for (std::uint64_t bits = 0; bits < (std::uint64_t{1} << 32); bits += kStride * std::uint64_t{kWidth}) {
    Floats x;
    for (int i = 0; i < kWidth; ++i) x[i] = of_bits(static_cast<std::uint32_t>(bits) + kStride * static_cast<std::uint32_t>(i));
    const Floats y = found(x);
    for (int i = 0; i < kWidth; ++i) {
      const double at = static_cast<double>(x[i]);
      if (std::isnan(at)) {
        CHECK(std::isnan(y[i]));
        continue;
      }
      if (at < low || at > high) continue;
      const double value = exact(at), error = std::abs(static_cast<double>(y[i]) - value) / unit_at(value);
      if (!(error <= seen.error)) seen = {error, at};
    }
  }
  return seen;
}

void within(const char* name, Worst seen, double units) {
  std::printf("  %s: %.2f units at %.9g\n", name, seen.error, seen.at);
  CHECK(seen.error <= units);
}

TEST(exp_is_exact_to_two_units) {
  within("exp", worst([](Floats x) { return exp(x); }, [](double x) { return std::exp(x); }, -87.33654, 88.72283), 2.0);
}

TEST(exp_goes_to_nothing_and_infinity) {
  for (const float x : {-87.34f, -88.0f, -104.0f, -1e30f, -kInfinity}) CHECK(exp(all(x))[0] == 0.0f);
  for (const float x : {88.73f, 89.0f, 1e30f, kInfinity}) CHECK(exp(all(x))[0] == kInfinity);
  for (const float x : {0.0f, -0.0f, 1e-45f, -1e-45f, 1e-38f}) CHECK(exp(all(x))[0] == 1.0f);
  CHECK(exp(all(88.7228f))[0] < kInfinity && exp(all(-87.336f))[0] > 0.0f);
}

TEST(the_falling_exp_is_exact_to_two_units) {
  const auto exact = [](double x) { return std::exp(x); };
  within("exp_falling", worst([](Floats x) { return exp_falling(x); }, exact, -87.33654, 0.0), 2.0);
  for (const float x : {-87.34f, -88.0f, -1e30f, -kInfinity}) CHECK(exp_falling(all(x))[0] == 0.0f);
  for (const float x : {0.0f, -0.0f, -1e-45f, -1e-38f}) CHECK(exp_falling(all(x))[0] == 1.0f);
  CHECK(exp_falling(all(-87.336f))[0] > 0.0f);
}

TEST(tanh_is_exact_to_six_units) {
  within("tanh", worst([](Floats x) { return tanh(x); }, [](double x) { return std::tanh(x); }, -kInfinity, kInfinity), 6.0);
}

TEST(tanh_keeps_small_numbers_signs_and_bounds) {
  for (const float x : {1e-45f, 1e-40f, 1.2e-38f, 1e-30f, 1e-10f}) CHECK(tanh(all(x))[0] == x && tanh(all(-x))[0] == -x);
  CHECK(tanh(all(0.0f))[0] == 0.0f && std::signbit(tanh(all(-0.0f))[0]));
  for (const float x : {8.0f, 9.1f, 20.0f, 1e30f, kInfinity}) CHECK(tanh(all(x))[0] == 1.0f && tanh(all(-x))[0] == -1.0f);
  for (int i = 0; i < 12000; ++i) {
    const Floats x = all(static_cast<float>(i) / 1000.0f);
    CHECK(tanh(x)[0] <= 1.0f && tanh(-x)[0] == -tanh(x)[0]);
  }
}

TEST(sigmoid_is_exact_to_four_units) {
  const auto exact = [](double x) { return 1.0 / (1.0 + std::exp(-x)); };
  within("sigmoid", worst([](Floats x) { return sigmoid(x); }, exact, -87.0, kInfinity), 4.0);
  for (const float x : {-89.0f, -1e30f, -kInfinity}) CHECK(sigmoid(all(x))[0] == 0.0f);
  for (const float x : {89.0f, 1e30f, kInfinity}) CHECK(sigmoid(all(x))[0] == 1.0f);
  CHECK(sigmoid(all(0.0f))[0] == 0.5f && sigmoid(all(1e-45f))[0] == 0.5f);
}

}  // namespace
}  // namespace ranvier::test
