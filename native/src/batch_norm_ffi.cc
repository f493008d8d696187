#include "batch_norm.h"
#include "ffi.h"

namespace ranvier {
namespace {

ffi::Error Forward(In x, In gamma, In beta, Out y, Out mean, Out variance, Out factor, float epsilon) {
  return guarded([&] {
    const auto shape = x.dimensions();
    batch_norm_forward(shape[0], shape[1], x.typed_data(), gamma.typed_data(), beta.typed_data(), epsilon,
                       y->typed_data(), mean->typed_data(), variance->typed_data(), factor->typed_data());
  });
}

ffi::Error Backward(In x, In gamma, In mean, In factor, In dy, In dmean, In dvariance, Out dx, Out dgamma, Out dbeta) {
  return guarded([&] {
    const auto shape = x.dimensions();
    batch_norm_backward(shape[0], shape[1], x.typed_data(), gamma.typed_data(), mean.typed_data(), factor.typed_data(),
                        dy.typed_data(), dmean.typed_data(), dvariance.typed_data(), dx->typed_data(),
                        dgamma->typed_data(), dbeta->typed_data());
  });
}

}  // namespace

RANVIER_HANDLER(batch_norm_forward_f32, Forward,
                ffi::Ffi::Bind().Arg<In>().Arg<In>().Arg<In>().Ret<In>().Ret<In>().Ret<In>().Ret<In>().Attr<float>("epsilon"));
RANVIER_HANDLER(batch_norm_backward_f32, Backward,
                ffi::Ffi::Bind().Arg<In>().Arg<In>().Arg<In>().Arg<In>().Arg<In>().Arg<In>().Arg<In>().Ret<In>().Ret<In>().Ret<In>());

}  // namespace ranvier
