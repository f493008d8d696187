// Short names for XLA's foreign function interface. Only the *_ffi.cc files include this: the maths knows no XLA.
#pragma once

#include "pages.h"
#include "threads.h"
#include "xla/ffi/api/ffi.h"

namespace ranvier {

namespace ffi = xla::ffi;
using In = ffi::Buffer<ffi::F32>;
using Out = ffi::ResultBuffer<ffi::F32>;

// A handler may not throw through XLA: `body` becomes an error of the program instead.
template <class Body>
ffi::Error guarded(Body&& body) {
  try {
    body();
  } catch (const std::exception& error) {
    return ffi::Error(ffi::ErrorCode::kInternal, error.what());
  }
  return ffi::Error::Success();
}

// Large pages for all large results of a call, which nobody has touched when it begins.
inline void ask_for_large_results(const XLA_FFI_CallFrame& call) {
  if (call.stage != XLA_FFI_ExecutionStage_EXECUTE) return;
  for (std::int64_t i = 0; i < call.rets.size; ++i) {
    if (call.rets.types[i] != XLA_FFI_RetType_BUFFER) continue;
    const auto& result = *static_cast<const XLA_FFI_Buffer*>(call.rets.rets[i]);
    std::size_t bytes = ffi::ByteWidth(static_cast<ffi::DataType>(result.dtype));
    for (std::int64_t axis = 0; axis < result.rank; ++axis) bytes *= static_cast<std::size_t>(result.dims[axis]);
    ask_for_large_pages(result.data, bytes);
  }
}

// The threads of XLA that runs this call.
inline bool start_on_xla(void* context, void (*task)(void*), void* data) {
  auto* const call = static_cast<const XLA_FFI_CallFrame*>(context);
  XLA_FFI_ThreadPool_Schedule_Args wish{XLA_FFI_ThreadPool_Schedule_Args_STRUCT_SIZE, nullptr, call->ctx, task, data};
  XLA_FFI_Error* const error = call->api->XLA_FFI_ThreadPool_Schedule(&wish);
  if (error == nullptr) return true;
  XLA_FFI_Error_Destroy_Args gone{XLA_FFI_Error_Destroy_Args_STRUCT_SIZE, nullptr, error};
  call->api->XLA_FFI_Error_Destroy(&gone);
  return false;
}

}  // namespace ranvier

// Defines a handler that the library shows to the outside, under `name`; names end with the dtype that they serve.
#define RANVIER_HANDLER(name, function, binding)                                                              \
  extern "C" __attribute__((visibility("default"))) XLA_FFI_Error* name(XLA_FFI_CallFrame* call_frame) {       \
    XLA_FFI_DEFINE_HANDLER(handler, function, binding);                                                        \
    ranvier::ask_for_large_results(*call_frame);                                                               \
    if (call_frame->stage != XLA_FFI_ExecutionStage_EXECUTE) return (*handler)(call_frame);                    \
    const ranvier::Lent threads{&ranvier::start_on_xla, call_frame};                                           \
    const ranvier::Lending lending(threads);                                                                   \
    return (*handler)(call_frame);                                                                             \
  }                                                                                                            \
  static_assert(true, "so that a semicolon may follow")
