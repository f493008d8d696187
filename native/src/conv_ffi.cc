#include "conv.h"

#include "conv_arguments.h"

namespace ranvier {
namespace {

ffi::Error Forward(In x, In w, In bias, Out y, Numbers geometry, Index relu) {
  return guarded([&] {
    const Convolution c = convolution_of(geometry, relu != 0);
    convolution_forward(c, x.typed_data(), w.typed_data(), data_or_null(bias), y->typed_data());
  });
}

ffi::Error Backward(In x, In w, In y, In dy, Out dx, Out dw, Out db, Numbers geometry, Index relu) {
  return guarded([&] {
    const Convolution c = convolution_of(geometry, relu != 0);
    convolution_backward(c, data_or_null(x), data_or_null(w), data_or_null(y), dy.typed_data(), data_or_null(dx),
                         data_or_null(dw), data_or_null(db));
  });
}

}  // namespace

RANVIER_HANDLER(conv_forward_f32, Forward,
                ffi::Ffi::Bind().Arg<In>().Arg<In>().Arg<In>().Ret<In>().Attr<Numbers>("geometry").Attr<Index>("relu"));
RANVIER_HANDLER(conv_backward_f32, Backward,
                ffi::Ffi::Bind().Arg<In>().Arg<In>().Arg<In>().Arg<In>().Ret<In>().Ret<In>().Ret<In>()
                    .Attr<Numbers>("geometry").Attr<Index>("relu"));

}  // namespace ranvier
