#include "conv_arguments.h"
#include "conv_pool.h"

namespace ranvier {
namespace {

using Winners = ffi::Buffer<ffi::U8>;
using WinnersOut = ffi::ResultBuffer<ffi::U8>;

// Behind the convolution's own numbers come the pooling's two windows.
Pooling pooling_of(const Convolution& c, Numbers geometry) {
  const Numbers windows(geometry.begin() + 14, 14);
  return {c.pictures, c.down.places, c.across.places, c.filters, sliding_of(windows, 0), sliding_of(windows, 1)};
}

ffi::Error Forward(In x, In w, In bias, Out y, WinnersOut winners, Numbers geometry, Index relu) {
  return guarded([&] {
    const Convolution c = convolution_of(geometry, relu != 0);
    conv_pool_forward(c, pooling_of(c, geometry), x.typed_data(), w.typed_data(), data_or_null(bias), y->typed_data(),
                      winners->element_count() == 0 ? nullptr : winners->typed_data());
  });
}

ffi::Error Backward(In x, In w, In y, Winners winners, In dy, Out dx, Out dw, Out db, Numbers geometry, Index relu) {
  return guarded([&] {
    const Convolution c = convolution_of(geometry, relu != 0);
    conv_pool_backward(c, pooling_of(c, geometry), data_or_null(x), data_or_null(w), data_or_null(y),
                       winners.typed_data(), dy.typed_data(), data_or_null(dx), data_or_null(dw), data_or_null(db));
  });
}

}  // namespace

RANVIER_HANDLER(conv_pool_forward_f32, Forward,
                ffi::Ffi::Bind().Arg<In>().Arg<In>().Arg<In>().Ret<In>().Ret<Winners>()
                    .Attr<Numbers>("geometry").Attr<Index>("relu"));
RANVIER_HANDLER(conv_pool_backward_f32, Backward,
                ffi::Ffi::Bind().Arg<In>().Arg<In>().Arg<In>().Arg<Winners>().Arg<In>().Ret<In>().Ret<In>().Ret<In>()
                    .Attr<Numbers>("geometry").Attr<Index>("relu"));

}  // namespace ranvier
