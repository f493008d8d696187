// exp, sigmoid, tanh and their like on whole vectors, to about one unit in the last place.
#pragma once

#include "simd.h"

namespace ranvier {

namespace inner {
// exp(x - n log(2)) where that rest is at most log(2) / 2; the polynomial is the one of Cephes (Moshier, 1989).
RV_INLINE Floats exp_of_rest(Floats x, Floats n) {
  Floats r = x - n * 0.693359375f;
  r = r + n * 2.12194440e-4f;
  Floats p = all(1.9875691500e-4f);
  p = p * r + 1.3981999507e-3f;
  p = p * r + 8.3334519073e-3f;
  p = p * r + 4.1665795894e-2f;
  p = p * r + 1.6666665459e-1f;
  p = p * r + 5.0000001201e-1f;
  return p * (r * r) + (r + 1.0f);
}
}  // namespace inner

// exp(x): 2^n exp(r) with |r| <= log(2) / 2.
// Below -87.33 it is 0 (the result would be denormal), above 88.72 infinite; not-a-number stays.
RV_INLINE Floats exp(Floats x) {
  const Floats low = all(-87.33654f), high = all(88.72283f);
  Floats inside = choose(x < low, low, x);
  inside = choose(inside > high, high, inside);
  const Floats magic = all(12582912.0f);  // 1.5 * 2^23: adding it rounds to whole numbers
  const Floats n = (inside * 1.44269504f + magic) - magic;
  const Floats p = inner::exp_of_rest(inside, n);
  // In two factors, because 2^128 is no float.
  const Ints whole = __builtin_convertvector(choose(n == n, n, Floats{}), Ints);
  const Ints half = whole >> 1;
  const Floats one = reinterpret_cast<Floats>((half + 127) << 23);
  const Floats other = reinterpret_cast<Floats>((whole - half + 127) << 23);
  Floats result = p * one * other;
  result = choose(x < low, Floats{}, result);
  return choose(x > high, all(__builtin_inff()), result);
}

RV_INLINE Floats sigmoid(Floats x) { return 1.0f / (1.0f + exp(-x)); }

// tanh(x): the rational approximation of Eigen's kind, odd over even, 1 beyond +-8; small x are kept.
RV_INLINE Floats tanh(Floats x) {
  const Floats bound = all(7.99881172f);
  const Floats one = reinterpret_cast<Floats>((reinterpret_cast<Ints>(x) & INT32_MIN) | reinterpret_cast<Ints>(all(1.0f)));
  Floats inside = choose(x > bound, bound, x);
  inside = choose(inside < -bound, -bound, inside);
  const Floats square = inside * inside;
  Floats p = all(-2.76076847742355e-16f);
  p = p * square + 2.00018790482477e-13f;
  p = p * square + -8.60467152213735e-11f;
  p = p * square + 5.12229709037114e-08f;
  p = p * square + 1.48572235717979e-05f;
  p = p * square + 6.37261928875436e-04f;
  p = p * square + 4.89352455891786e-03f;
  p = p * inside;
  Floats q = all(1.19825839466702e-06f);
  q = q * square + 1.18534705686654e-04f;
  q = q * square + 2.26843463243900e-03f;
  q = q * square + 4.89352518554385e-03f;
  const Floats result = choose(square >= bound * bound, one, p / q);
  // Below, tanh(x) = x to the last place, where `p` of a tiny x would be denormal.
  return choose(square < 1.6e-7f, x, result);
}

}  // namespace ranvier
