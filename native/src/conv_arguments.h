// How the arguments of convolutions and poolings come through XLA's interface.
#pragma once

#include "conv.h"
#include "ffi.h"

namespace ranvier {

// The inputs' shape [4]; of rows, then of columns, taps, stride, dilation, low, places [10]; the weights' shape [4].
using Numbers = ffi::Span<const std::int64_t>;

inline Sliding sliding_of(Numbers geometry, int axis) {
  const std::int64_t* const from = geometry.begin() + 4 + 5 * axis;
  return {from[0], from[1], from[2], from[3], from[4]};
}

inline Convolution convolution_of(Numbers geometry, bool relu) {
  const std::int64_t *const x = geometry.begin(), *const w = x + 14;
  return {x[0], x[1], x[2], x[3], w[3], x[3] / w[2], sliding_of(geometry, 0), sliding_of(geometry, 1), relu};
}

// An operand without numbers stands for one that is not given, a result without them for one that nobody wants.
inline const float* data_or_null(const In& operand) { return operand.element_count() == 0 ? nullptr : operand.typed_data(); }
inline float* data_or_null(Out& result) { return result->element_count() == 0 ? nullptr : result->typed_data(); }

}  // namespace ranvier
