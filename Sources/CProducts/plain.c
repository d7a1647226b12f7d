#include "units.h"
#include "narrow.h"

#include <math.h>

typedef four_floats plain_vector;

// The C library's is exact, whether the processor has the instruction or not.
INLINE plain_vector multiply_add(plain_vector a, plain_vector b, plain_vector c) {
  for (int i = 0; i < 4; i++) c[i] = fmaf(a[i], b[i], c[i]);
  return c;
}

#define UNIT(x) plain_##x
#define MULTIPLY_ADD(a, b, c) multiply_add(a, b, c)

#include "plain.h"

const struct unit plain_unit = {
    .rows = ROWS, .lanes = LANES, .vectors = VECTORS,
    .tiles = {ENTRIES(tile), ENTRIES(transposed)},
    .transpose = plain_transpose, .deal = plain_deal,
};
