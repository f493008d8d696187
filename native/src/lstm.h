// The cell of an LSTM, for recurrent.h.
//
//   i, f, o = sigmoid(sums), g = tanh(sum)      in the order i, f, g, o
//   c = f * c + i * g
//   h = o * tanh(c)
#pragma once

#include <array>

#include "functions.h"
#include "recurrent.h"

namespace ranvier {

struct LstmCell {
  static constexpr Index kSlots = 4, kGates = 4;
  static constexpr bool kCarries = true;

  static std::array<Segment, 1> segments(Index units) { return {{{0, 4 * units, 0, 0}}}; }

  static void forward(Index units, float* gates, const float*, const float* c, float* h_next, float* c_next) {
    for (Index k = 0; k < units; k += kWidth) {
      const Index left = units - k;
      float *const at_i = gates + k, *const at_f = at_i + units, *const at_g = at_f + units, *const at_o = at_g + units;
      const Floats i = sigmoid(load(at_i, left)), f = sigmoid(load(at_f, left));
      const Floats g = tanh(load(at_g, left)), o = sigmoid(load(at_o, left));
      const Floats carried = f * load(c + k, left) + i * g;
      store(at_i, left, i);
      store(at_f, left, f);
      store(at_g, left, g);
      store(at_o, left, o);
      store(c_next + k, left, carried);
      store(h_next + k, left, o * tanh(carried));
    }
  }

  // `dh` comes as the gradient of h_next and goes as what reaches h without a product; `dc` from c_next to c.
  static void backward(Index units, const float* gates, const float*, const float* c, const float* c_next, float* dz,
                       float* dh, float* dc) {
    for (Index k = 0; k < units; k += kWidth) {
      const Index left = units - k;
      const Floats i = load(gates + k, left), f = load(gates + units + k, left);
      const Floats g = load(gates + 2 * units + k, left), o = load(gates + 3 * units + k, left);
      const Floats shown = tanh(load(c_next + k, left)), of_h = load(dh + k, left);
      const Floats of_c = load(dc + k, left) + of_h * o * (1.0f - shown * shown);
      store(dz + k, left, of_c * g * i * (1.0f - i));
      store(dz + units + k, left, of_c * load(c + k, left) * f * (1.0f - f));
      store(dz + 2 * units + k, left, of_c * i * (1.0f - g * g));
      store(dz + 3 * units + k, left, of_h * shown * o * (1.0f - o));
      store(dc + k, left, of_c * f);
      store(dh + k, left, Floats{});
    }
  }
};

}  // namespace ranvier
