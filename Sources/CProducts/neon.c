#include "units.h"

#if defined(__aarch64__)
#include "narrow.h"

typedef four_floats neon_vector;

#define UNIT(x) neon_##x
#define LANES 4
#define ROWS 8
#define VECTORS 3
#define MULTIPLY_ADD(a, b, c) __builtin_elementwise_fma(a, b, c)
#define LOAD_PART(p, n) load_part(p, n)
#define STORE_PART(p, n, x) store_part(p, n, x)
#define AHEAD 16
#define FETCH(p) __builtin_prefetch(p)
#define LOW LOW4
#define HIGH HIGH4

#include "tile.h"

#define TILES(rows) TILE(rows, 1) TILE(rows, 2) TILE(rows, 3)
TILES(1) TILES(2) TILES(3) TILES(4) TILES(5) TILES(6) TILES(7) TILES(8)

#define WIDTHS(kind, rows) ENTRY(kind, rows, 1), ENTRY(kind, rows, 2), ENTRY(kind, rows, 3)
#define ENTRIES(kind)                                                                                              \
  {WIDTHS(kind, 1), WIDTHS(kind, 2), WIDTHS(kind, 3), WIDTHS(kind, 4),                                             \
   WIDTHS(kind, 5), WIDTHS(kind, 6), WIDTHS(kind, 7), WIDTHS(kind, 8)}

const struct unit neon_unit = {
    .rows = ROWS, .lanes = LANES, .vectors = VECTORS,
    .tiles = {ENTRIES(tile), ENTRIES(transposed)},
    .transpose = neon_transpose, .deal = neon_deal,
};
#endif
