// The gradients of a convolution (conv_forward.h) for all that it is made of.
#pragma once

#include "conv_inputs_gradient.h"
#include "conv_weights_gradient.h"

namespace ranvier {

// Null for what is not wanted; `y` is null where there was no ReLU.
inline void convolution_backward(Convolution c, const float* x, const float* w, const float* y, const float* dy, float* dx,
                                 float* dw, float* db) {
  c = simplified(c);
  const Index row = c.across.places * c.filters, picture = c.places() * c.filters;
  const auto all = [&](const auto& gradient) {
    if (dx != nullptr) convolution_inputs_gradient(c, w, gradient, dx);
    if (dw != nullptr || db != nullptr) convolution_weights_gradient(c, x, gradient, dw, db);
  };
  if (c.relu)
    all(MaskedGradient{dy, y, row, picture});
  else
    all(PlainGradient{dy, row, picture});
}

}  // namespace ranvier
