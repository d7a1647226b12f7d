// Tiles of a unit without vectors: included with UNIT and MULTIPLY_ADD defined.

#define LANES 4
#define ROWS 4
#define VECTORS 1
#define LOAD_PART(p, n) load_part(p, n)
#define STORE_PART(p, n, x) store_part(p, n, x)
#define AHEAD 16
#define FETCH(p) (void)(p)
#define LOW LOW4
#define HIGH HIGH4

#include "tile.h"

TILE(1, 1) TILE(2, 1) TILE(3, 1) TILE(4, 1)

#define ENTRIES(kind) {ENTRY(kind, 1, 1), ENTRY(kind, 2, 1), ENTRY(kind, 3, 1), ENTRY(kind, 4, 1)}
