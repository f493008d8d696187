# How kernels are compiled for each instruction set: the same for the library and for the tests of its parts.
set(RANVIER_FLAGS -Wall -Wextra -Wno-unused-parameter -Wno-psabi -fno-math-errno -ffp-contract=fast)
set(RANVIER_FLAGS_avx512 -mavx512f -mavx512vl -mavx512dq -mavx512bw -mavx2 -mfma -mprefer-vector-width=512)
set(RANVIER_FLAGS_avx2 -mavx2 -mfma)
# What `ranvier_supported` asks the processor for.
set(RANVIER_NEEDS_avx512 RANVIER_NEEDS_AVX512)
set(RANVIER_NEEDS_avx2 RANVIER_NEEDS_AVX2)
