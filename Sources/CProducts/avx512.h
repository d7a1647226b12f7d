// What the kernels of AVX-512 have in common. A file defines UNIT, the type UNIT(vector) of sixteen lanes, and MULTIPLY_ADD.
#pragma once

#define LANES 16
#define ROWS 14
#define VECTORS 2
#define LOAD_PART(p, n) (UNIT(vector)) _mm512_maskz_loadu_ps((__mmask16)((1u << (n)) - 1), p)
#define STORE_PART(p, n, x) _mm512_mask_storeu_ps(p, (__mmask16)((1u << (n)) - 1), (__m512)(x))
#define AHEAD 24
#define FETCH(p) _mm_prefetch((const char *)(p), _MM_HINT_T0)
#define LOW LOW16
#define HIGH HIGH16

#define TILES_14                                                                                                  \
  TILE(1, 1) TILE(2, 1) TILE(3, 1) TILE(4, 1) TILE(5, 1) TILE(6, 1) TILE(7, 1) TILE(8, 1) TILE(9, 1) TILE(10, 1)   \
  TILE(11, 1) TILE(12, 1) TILE(13, 1) TILE(14, 1) TILE(1, 2) TILE(2, 2) TILE(3, 2) TILE(4, 2) TILE(5, 2)           \
  TILE(6, 2) TILE(7, 2) TILE(8, 2) TILE(9, 2) TILE(10, 2) TILE(11, 2) TILE(12, 2) TILE(13, 2) TILE(14, 2)
#define ENTRIES_14(kind)                                                                                           \
  {ENTRY(kind, 1, 1),  ENTRY(kind, 2, 1),  ENTRY(kind, 3, 1),  ENTRY(kind, 4, 1),  ENTRY(kind, 5, 1),              \
   ENTRY(kind, 6, 1),  ENTRY(kind, 7, 1),  ENTRY(kind, 8, 1),  ENTRY(kind, 9, 1),  ENTRY(kind, 10, 1),             \
   ENTRY(kind, 11, 1), ENTRY(kind, 12, 1), ENTRY(kind, 13, 1), ENTRY(kind, 14, 1), ENTRY(kind, 1, 2),              \
   ENTRY(kind, 2, 2),  ENTRY(kind, 3, 2),  ENTRY(kind, 4, 2),  ENTRY(kind, 5, 2),  ENTRY(kind, 6, 2),              \
   ENTRY(kind, 7, 2),  ENTRY(kind, 8, 2),  ENTRY(kind, 9, 2),  ENTRY(kind, 10, 2), ENTRY(kind, 11, 2),             \
   ENTRY(kind, 12, 2), ENTRY(kind, 13, 2), ENTRY(kind, 14, 2)}

#define LOW16(a, b)                                                                                                \
  __builtin_shufflevector(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23)
#define HIGH16(a, b)                                                                                               \
  __builtin_shufflevector(a, b, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31)
