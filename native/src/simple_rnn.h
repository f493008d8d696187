// The cell of a SimpleRNN, for recurrent.h: h = activation(sum).
#pragma once

#include <array>

#include "functions.h"
#include "recurrent.h"

namespace ranvier {

struct Tanh {
  static Floats value(Floats x) { return tanh(x); }
  static Floats back(Floats d, Floats y) { return d * (1.0f - y * y); }
};

struct Relu {
  static Floats value(Floats x) { return relu(x); }
  // Not by a factor: zero times what is no number would be none either.
  static Floats back(Floats d, Floats y) { return choose(y > 0.0f, d, Floats{}); }
};

template <class Activation>
struct SimpleCell {
  static constexpr Index kSlots = 1, kGates = 1;
  static constexpr bool kCarries = false;

  static std::array<Segment, 1> segments(Index units) { return {{{0, units, 0, 0}}}; }

  static void forward(Index units, float* gates, const float*, const float*, float* h_next, float*) {
    for (Index k = 0; k < units; k += kWidth) {
      const Floats y = Activation::value(load(gates + k, units - k));
      store(gates + k, units - k, y);
      store(h_next + k, units - k, y);
    }
  }

  static void backward(Index units, const float* gates, const float*, const float*, const float*, float* dz, float* dh,
                       float*) {
    for (Index k = 0; k < units; k += kWidth) {
      const Index left = units - k;
      store(dz + k, left, Activation::back(load(dh + k, left), load(gates + k, left)));
      store(dh + k, left, Floats{});
    }
  }
};

}  // namespace ranvier
