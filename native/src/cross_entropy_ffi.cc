#include "cross_entropy.h"
#include "ffi.h"

namespace ranvier {
namespace {

using Labels = ffi::Buffer<ffi::S32>;

ffi::Error Forward(In logits, Labels labels, Out losses, Out shares) {
  return guarded([&] {
    const auto shape = logits.dimensions();
    // Shares with no elements are not wanted.
    float* const kept = shares->element_count() == 0 ? nullptr : shares->typed_data();
    cross_entropy_forward(shape[0], shape[1], logits.typed_data(), labels.typed_data(), losses->typed_data(), kept);
  });
}

ffi::Error Backward(Labels labels, In shares, In d_losses, Out d_logits) {
  return guarded([&] {
    const auto shape = shares.dimensions();
    cross_entropy_backward(shape[0], shape[1], labels.typed_data(), shares.typed_data(), d_losses.typed_data(),
                           d_logits->typed_data());
  });
}

}  // namespace

RANVIER_HANDLER(cross_entropy_forward_f32, Forward, ffi::Ffi::Bind().Arg<In>().Arg<Labels>().Ret<In>().Ret<In>());
RANVIER_HANDLER(cross_entropy_backward_f32, Backward, ffi::Ffi::Bind().Arg<Labels>().Arg<In>().Arg<In>().Ret<In>());

}  // namespace ranvier
