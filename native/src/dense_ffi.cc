#include "dense.h"
#include "ffi.h"

namespace ranvier {
namespace {

// An operand or a result with no elements is not there.
const float* given(const In& operand) { return operand.element_count() == 0 ? nullptr : operand.typed_data(); }
float* wanted(Out& result) { return result->element_count() == 0 ? nullptr : result->typed_data(); }

ffi::Error Forward(In x, In kernel, In bias, Out y, Out rise, std::int32_t activation) {
  return guarded([&] {
    const auto shape = kernel.dimensions();
    dense_forward(x.dimensions()[0], shape[0], shape[1], static_cast<Activation>(activation), x.typed_data(),
                  kernel.typed_data(), given(bias), y->typed_data(), wanted(rise));
  });
}

ffi::Error Backward(In x, In kernel, In kept, In dy, Out dx, Out dkernel, Out dbias, std::int32_t activation) {
  return guarded([&] {
    const auto shape = kernel.dimensions();
    dense_backward(x.dimensions()[0], shape[0], shape[1], static_cast<Activation>(activation), x.typed_data(),
                   kernel.typed_data(), given(kept), dy.typed_data(), wanted(dx), wanted(dkernel), wanted(dbias));
  });
}

}  // namespace

RANVIER_HANDLER(dense_forward_f32, Forward,
                ffi::Ffi::Bind().Arg<In>().Arg<In>().Arg<In>().Ret<In>().Ret<In>().Attr<std::int32_t>("activation"));
RANVIER_HANDLER(dense_backward_f32, Backward,
                ffi::Ffi::Bind()
                    .Arg<In>()
                    .Arg<In>()
                    .Arg<In>()
                    .Arg<In>()
                    .Ret<In>()
                    .Ret<In>()
                    .Ret<In>()
                    .Attr<std::int32_t>("activation"));

}  // namespace ranvier
