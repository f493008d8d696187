// What Python asks the library before it uses it. This file is compiled for any processor of the family.
#include "threads.h"

#define RV_TEXT(name) RV_TEXT_OF(name)
#define RV_TEXT_OF(name) #name

extern "C" {

// Raised with every change of a kernel's arguments or results; `ranvier/kernels/native.py` expects the same number.
__attribute__((visibility("default"))) int ranvier_abi() { return RANVIER_ABI; }

// The instruction set that the kernels are compiled for.
__attribute__((visibility("default"))) const char* ranvier_instructions() { return RV_TEXT(RANVIER_INSTRUCTIONS); }

// Whether this processor has it.
__attribute__((visibility("default"))) int ranvier_supported() {
#if defined(RANVIER_NEEDS_AVX512)
  return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq") &&
         __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
#elif defined(RANVIER_NEEDS_AVX2)
  return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
#else
  return 1;
#endif
}

__attribute__((visibility("default"))) int ranvier_threads() { return ranvier::thread_count(); }
}
