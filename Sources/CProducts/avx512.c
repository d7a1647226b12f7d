#include "units.h"

#if defined(__x86_64__)
#include "avx512.h"
#include <immintrin.h>

#pragma clang attribute push(__attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx2,fma"))), apply_to = function)

typedef float avx512_vector __attribute__((ext_vector_type(16)));

#define UNIT(x) avx512_##x
#define MULTIPLY_ADD(a, b, c) __builtin_elementwise_fma(a, b, c)

#include "tile.h"

TILES_14

const struct unit avx512_unit = {
    .rows = ROWS, .lanes = LANES, .vectors = VECTORS,
    .tiles = {ENTRIES_14(tile), ENTRIES_14(transposed)},
    .transpose = avx512_transpose, .deal = avx512_deal,
};

#pragma clang attribute pop
#endif
