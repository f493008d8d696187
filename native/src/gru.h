// The cell of a GRU whose reset gate acts after the product, for recurrent.h.
//
//   z, r = sigmoid(sums), g = tanh(x_g + r * h_g)      x_g and h_g: the sums over x, and over h
//   h = z * h + (1 - z) * g
//
// Slots: x_g (then g), z, r, h_g: those of x lie side by side, and those of h. In the kernels the order is z, r, g.
#pragma once

#include <array>

#include "functions.h"
#include "recurrent.h"

namespace ranvier {

struct GruCell {
  static constexpr Index kSlots = 4, kGates = 3;
  static constexpr bool kCarries = false;

  static std::array<Segment, 3> segments(Index units) {
    return {{{0, units, 2 * units, -1}, {units, 2 * units, 0, 0}, {3 * units, units, -1, 2 * units}}};
  }

  static void forward(Index units, float* gates, const float* h, const float*, float* h_next, float*) {
    for (Index k = 0; k < units; k += kWidth) {
      const Index left = units - k;
      float *const at_g = gates + k, *const at_z = at_g + units, *const at_r = at_z + units;
      const Floats z = sigmoid(load(at_z, left)), r = sigmoid(load(at_r, left));
      const Floats g = tanh(load(at_g, left) + r * load(at_r + units, left));
      store(at_g, left, g);
      store(at_z, left, z);
      store(at_r, left, r);
      store(h_next + k, left, z * load(h + k, left) + (1.0f - z) * g);
    }
  }

  // `dh` comes as the gradient of h_next and goes as what reaches h without a product.
  static void backward(Index units, const float* gates, const float* h, const float*, const float*, float* dz,
                       float* dh, float*) {
    for (Index k = 0; k < units; k += kWidth) {
      const Index left = units - k;
      const Floats g = load(gates + k, left), z = load(gates + units + k, left);
      const Floats r = load(gates + 2 * units + k, left), inner = load(gates + 3 * units + k, left);
      const Floats of_h = load(dh + k, left);
      const Floats of_g = of_h * (1.0f - z) * (1.0f - g * g);
      store(dz + k, left, of_g);
      store(dz + units + k, left, of_h * (load(h + k, left) - g) * z * (1.0f - z));
      store(dz + 2 * units + k, left, of_g * inner * r * (1.0f - r));
      store(dz + 3 * units + k, left, of_g * r);
      store(dh + k, left, of_h * z);
    }
  }
};

}  // namespace ranvier
