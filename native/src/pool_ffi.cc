#include "conv_arguments.h"
#include "pool.h"

namespace ranvier {
namespace {

using Winners = ffi::Buffer<ffi::U8>;
using WinnersOut = ffi::ResultBuffer<ffi::U8>;

Pooling pooling_of(Numbers geometry) {
  const std::int64_t* const x = geometry.begin();
  return {x[0], x[1], x[2], x[3], sliding_of(geometry, 0), sliding_of(geometry, 1)};
}

ffi::Error MaxForward(In x, Out y, WinnersOut winners, Numbers geometry) {
  return guarded([&] {
    max_pool_forward(pooling_of(geometry), x.typed_data(), y->typed_data(),
                     winners->element_count() == 0 ? nullptr : winners->typed_data());
  });
}

ffi::Error MaxBackward(Winners winners, In dy, Out dx, Numbers geometry) {
  return guarded([&] {
    max_pool_backward(pooling_of(geometry), winners.typed_data(), dy.typed_data(), dx->typed_data());
  });
}

ffi::Error AverageForward(In x, Out y, Numbers geometry) {
  return guarded([&] { average_pool_forward(pooling_of(geometry), x.typed_data(), y->typed_data()); });
}

ffi::Error AverageBackward(In dy, Out dx, Numbers geometry) {
  return guarded([&] { average_pool_backward(pooling_of(geometry), dy.typed_data(), dx->typed_data()); });
}

}  // namespace

RANVIER_HANDLER(max_pool_forward_f32, MaxForward,
                ffi::Ffi::Bind().Arg<In>().Ret<In>().Ret<Winners>().Attr<Numbers>("geometry"));
RANVIER_HANDLER(max_pool_backward_f32, MaxBackward,
                ffi::Ffi::Bind().Arg<Winners>().Arg<In>().Ret<In>().Attr<Numbers>("geometry"));
RANVIER_HANDLER(average_pool_forward_f32, AverageForward, ffi::Ffi::Bind().Arg<In>().Ret<In>().Attr<Numbers>("geometry"));
RANVIER_HANDLER(average_pool_backward_f32, AverageBackward, ffi::Ffi::Bind().Arg<In>().Ret<In>().Attr<Numbers>("geometry"));

}  // namespace ranvier
