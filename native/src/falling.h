// The exponential where it cannot be large: shares of a softmax, and bell curves.
#pragma once

#include "simd.h"

namespace ranvier {

// exp of numbers that are not positive: `exp` of functions.h without what only large numbers need.
RV_INLINE Floats exp_falling(Floats x) {
  const Floats low = all(-87.33654f), magic = all(12582912.0f);  // 1.5 * 2^23: adding it rounds to whole numbers
  const Floats inside = choose(x < low, low, x);
  const Floats shifted = inside * 1.44269504f + magic;
  const Floats n = shifted - magic;
  Floats r = inside - n * 0.693359375f;
  r = r + n * 2.12194440e-4f;
  Floats p = all(1.9875691500e-4f);
  p = p * r + 1.3981999507e-3f;
  p = p * r + 8.3334519073e-3f;
  p = p * r + 4.1665795894e-2f;
  p = p * r + 1.6666665459e-1f;
  p = p * r + 5.0000001201e-1f;
  p = p * (r * r) + (r + 1.0f);
  // The whole number stands in the last bits of `shifted`.
  const Floats power = reinterpret_cast<Floats>((reinterpret_cast<Ints>(shifted) + 127) << 23);
  return choose(x < low, Floats{}, p * power);
}

}  // namespace ranvier
