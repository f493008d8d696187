// The exponential where it cannot be large: shares of a softmax, and bell curves.
#pragma once

#include "functions.h"

namespace ranvier {

// exp of numbers that are not positive: `exp` of functions.h without what only large numbers need.
RV_INLINE Floats exp_falling(Floats x) {
  const Floats low = all(-87.33654f), magic = all(12582912.0f);  // 1.5 * 2^23: adding it rounds to whole numbers
  const Floats inside = choose(x < low, low, x);
  const Floats shifted = inside * 1.44269504f + magic;
  const Floats n = shifted - magic;
  const Floats p = inner::exp_of_rest(inside, n);
  // The whole number stands in the last bits of `shifted`.
  const Floats power = reinterpret_cast<Floats>((reinterpret_cast<Ints>(shifted) + 127) << 23);
  return choose(x < low, Floats{}, p * power);
}

}  // namespace ranvier
