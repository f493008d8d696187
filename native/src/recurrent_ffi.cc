#include "ffi.h"
#include "gru.h"
#include "lstm.h"
#include "simple_rnn.h"

namespace ranvier {
namespace {

using Mask = ffi::Buffer<ffi::PRED>;

// A buffer without numbers stands for one that is not there.
template <class Buffer>
auto* present(Buffer& buffer) {
  return buffer.element_count() == 0 ? nullptr : buffer.typed_data();
}
float* present(Out& buffer) { return present(*buffer); }

RecurrentSizes sizes(const In& x, const In& h) {
  const auto sequences = x.dimensions();
  return {sequences[0], sequences[1], sequences[2], h.dimensions()[1]};
}

RecurrentWeights weights(In& kernel, In& recurrent, In& bias) {
  return {kernel.typed_data(), recurrent.typed_data(), bias.typed_data(), bias.dimensions().size() == 2};
}

template <class Cell>
ffi::Error Forward(In x, In kernel, In recurrent, In bias, In h, In c, Mask mask, Out ys, Out h_last, Out c_last,
                   Out rows, Out gates, Out cells, bool backwards, bool zero_masked) {
  return guarded([&] {
    recurrent_forward<Cell>(sizes(x, h), weights(kernel, recurrent, bias), {backwards, zero_masked, present(mask)},
                            {x.typed_data(), h.typed_data(), c.typed_data(), present(ys), h_last->typed_data(),
                             c_last->typed_data(), present(rows), present(gates), present(cells)});
  });
}

template <class Cell>
ffi::Error Backward(In x, In kernel, In recurrent, In bias, In h, In c, Mask mask, In rows, In gates, In cells, In dys,
                    In dh_last, In dc_last, Out dz, Out dx, Out dkernel, Out drecurrent, Out dbias, Out dh, Out dc,
                    bool backwards, bool zero_masked) {
  return guarded([&] {
    recurrent_backward<Cell>(
        sizes(x, h), weights(kernel, recurrent, bias), {backwards, zero_masked, present(mask)},
        {c.typed_data(), rows.typed_data(), gates.typed_data(), cells.typed_data(), present(dys), dh_last.typed_data(),
         dc_last.typed_data(), dz->typed_data(), present(dx), dh->typed_data(), dc->typed_data(), present(dkernel),
         present(drecurrent), present(dbias)});
  });
}

auto forward() {
  return ffi::Ffi::Bind()
      .Arg<In>().Arg<In>().Arg<In>().Arg<In>().Arg<In>().Arg<In>().Arg<Mask>()
      .Ret<In>().Ret<In>().Ret<In>().Ret<In>().Ret<In>().Ret<In>()
      .Attr<bool>("backwards").Attr<bool>("zero_masked");
}

auto backward() {
  return ffi::Ffi::Bind()
      .Arg<In>().Arg<In>().Arg<In>().Arg<In>().Arg<In>().Arg<In>().Arg<Mask>()
      .Arg<In>().Arg<In>().Arg<In>().Arg<In>().Arg<In>().Arg<In>()
      .Ret<In>().Ret<In>().Ret<In>().Ret<In>().Ret<In>().Ret<In>().Ret<In>()
      .Attr<bool>("backwards").Attr<bool>("zero_masked");
}

}  // namespace

RANVIER_HANDLER(lstm_forward_f32, Forward<LstmCell>, forward());
RANVIER_HANDLER(lstm_backward_f32, Backward<LstmCell>, backward());
RANVIER_HANDLER(gru_forward_f32, Forward<GruCell>, forward());
RANVIER_HANDLER(gru_backward_f32, Backward<GruCell>, backward());
RANVIER_HANDLER(simple_rnn_tanh_forward_f32, Forward<SimpleCell<Tanh>>, forward());
RANVIER_HANDLER(simple_rnn_tanh_backward_f32, Backward<SimpleCell<Tanh>>, backward());
RANVIER_HANDLER(simple_rnn_relu_forward_f32, Forward<SimpleCell<Relu>>, forward());
RANVIER_HANDLER(simple_rnn_relu_backward_f32, Backward<SimpleCell<Relu>>, backward());

}  // namespace ranvier
