#include "units.h"

#if defined(__x86_64__)
#include <immintrin.h>

#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)

typedef float avx2_vector __attribute__((ext_vector_type(8)));

INLINE __m256i mask(long count) {
  return _mm256_cmpgt_epi32(_mm256_set1_epi32((int)count), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
}

#define UNIT(x) avx2_##x
#define LANES 8
#define ROWS 6
#define VECTORS 2
#define MULTIPLY_ADD(a, b, c) __builtin_elementwise_fma(a, b, c)
#define LOAD_PART(p, n) (avx2_vector) _mm256_maskload_ps(p, mask(n))
#define STORE_PART(p, n, x) _mm256_maskstore_ps(p, mask(n), (__m256)(x))
#define AHEAD 16
#define FETCH(p) _mm_prefetch((const char *)(p), _MM_HINT_T0)
#define LOW(a, b) __builtin_shufflevector(a, b, 0, 8, 1, 9, 2, 10, 3, 11)
#define HIGH(a, b) __builtin_shufflevector(a, b, 4, 12, 5, 13, 6, 14, 7, 15)

#include "tile.h"

TILE(1, 1) TILE(2, 1) TILE(3, 1) TILE(4, 1) TILE(5, 1) TILE(6, 1)
TILE(1, 2) TILE(2, 2) TILE(3, 2) TILE(4, 2) TILE(5, 2) TILE(6, 2)

#define ENTRIES(kind)                                                                                              \
  {ENTRY(kind, 1, 1), ENTRY(kind, 2, 1), ENTRY(kind, 3, 1), ENTRY(kind, 4, 1), ENTRY(kind, 5, 1),                  \
   ENTRY(kind, 6, 1), ENTRY(kind, 1, 2), ENTRY(kind, 2, 2), ENTRY(kind, 3, 2), ENTRY(kind, 4, 2),                  \
   ENTRY(kind, 5, 2), ENTRY(kind, 6, 2)}

const struct unit avx2_unit = {
    .rows = ROWS, .lanes = LANES, .vectors = VECTORS,
    .tiles = {ENTRIES(tile), ENTRIES(transposed)},
    .transpose = avx2_transpose, .deal = avx2_deal,
};

#pragma clang attribute pop
#endif
