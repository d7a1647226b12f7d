#include "units.h"

#if defined(__x86_64__)
#include "avx512.h"
#include <immintrin.h>

#pragma clang attribute push(__attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx512bf16,avx2,fma"))), apply_to = function)

typedef float brain16_vector __attribute__((ext_vector_type(16)));

#define UNIT(x) brain16_##x
#define MULTIPLY_ADD(a, b, c) ((brain16_vector)_mm512_dpbf16_ps((__m512)(c), (__m512bh)(a), (__m512bh)(b)))

#include "tile.h"

TILES_14

const struct unit avx512_brain16_unit = {
    .rows = ROWS, .lanes = LANES, .vectors = VECTORS,
    .tiles = {ENTRIES_14(tile), ENTRIES_14(transposed)},
    .transpose = brain16_transpose, .deal = brain16_deal,
};

#pragma clang attribute pop
#endif
