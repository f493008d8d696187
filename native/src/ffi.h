// Short names for XLA's foreign function interface. Only the *_ffi.cc files include this: the maths knows no XLA.
#pragma once

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

}  // namespace ranvier

// Defines a handler that the library shows to the outside, under `name`; names end with the dtype that they serve.
#define RANVIER_HANDLER(name, function, binding)                                                       \
  extern "C" __attribute__((visibility("default"))) XLA_FFI_Error* name(XLA_FFI_CallFrame* call_frame); \
  XLA_FFI_DEFINE_HANDLER_SYMBOL(name, function, binding)
