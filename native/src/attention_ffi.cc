#include "attention.h"
#include "ffi.h"

namespace ranvier {
namespace {

using Mask = ffi::Buffer<ffi::PRED>;

Attention shape_of(const In& query, const In& key, const In& value, const Mask& mask, bool masked, bool causal,
                   float scale) {
  const auto q = query.dimensions(), k = key.dimensions(), m = mask.dimensions();
  Attention a{q[0], q[1], k[1], q[2], k[2], q[3], value.dimensions()[3], nullptr, 0, 0, 0, 0, causal, scale};
  if (!masked) return a;
  a.mask = mask.typed_data();
  a.mask_key = m[3] > 1 ? 1 : 0;
  a.mask_query = m[2] > 1 ? m[3] : 0;
  a.mask_head = m[1] > 1 ? m[2] * m[3] : 0;
  a.mask_batch = m[0] > 1 ? m[1] * m[2] * m[3] : 0;
  return a;
}

ffi::Error Forward(In query, In key, In value, Mask mask, Out out, Out log_sum, bool masked, bool causal, float scale) {
  return guarded([&] {
    attention_forward(shape_of(query, key, value, mask, masked, causal, scale), query.typed_data(), key.typed_data(),
                      value.typed_data(), out->typed_data(), log_sum->typed_data());
  });
}

// Results with no elements are not wanted.
float* wanted(Out& result) { return result->element_count() == 0 ? nullptr : result->typed_data(); }

ffi::Error Backward(In query, In key, In value, Mask mask, In out, In log_sum, In d_out, Out d_query, Out d_key,
                    Out d_value, bool masked, bool causal, float scale) {
  return guarded([&] {
    attention_backward(shape_of(query, key, value, mask, masked, causal, scale), query.typed_data(), key.typed_data(),
                       value.typed_data(), out.typed_data(), log_sum.typed_data(), d_out.typed_data(), wanted(d_query),
                       wanted(d_key), wanted(d_value));
  });
}

}  // namespace

RANVIER_HANDLER(attention_forward_f32, Forward,
                ffi::Ffi::Bind()
                    .Arg<In>()
                    .Arg<In>()
                    .Arg<In>()
                    .Arg<Mask>()
                    .Ret<In>()
                    .Ret<In>()
                    .Attr<bool>("masked")
                    .Attr<bool>("causal")
                    .Attr<float>("scale"));
RANVIER_HANDLER(attention_backward_f32, Backward,
                ffi::Ffi::Bind()
                    .Arg<In>()
                    .Arg<In>()
                    .Arg<In>()
                    .Arg<Mask>()
                    .Arg<In>()
                    .Arg<In>()
                    .Arg<In>()
                    .Ret<In>()
                    .Ret<In>()
                    .Ret<In>()
                    .Attr<bool>("masked")
                    .Attr<bool>("causal")
                    .Attr<float>("scale"));

}  // namespace ranvier
