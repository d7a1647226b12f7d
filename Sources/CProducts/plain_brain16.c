#include "units.h"
#include "narrow.h"

#include <math.h>

typedef four_floats flushing_vector;

// Whether the least normal number is what a smaller one was rounded to: what is tiny with 24 bits is written as zero. The
// product of bfloat16 numbers is exact in double precision, and so is the difference, where the result is so small.
INLINE int is_tiny(float a, float b, float c, float sign) {
  const double beyond = (double)(sign * c) - 0x1p-126;
  return beyond + (double)sign * ((double)a * (double)b) < -0x1p-151;
}

INLINE float flushed(float x) { return fabsf(x) < 0x1p-126f ? copysignf(0, x) : x; }

// fma(a, b, c) of normal a and b, denormals being zeros.
INLINE float flushing_multiply_add(float a, float b, float c) {
  c = flushed(c);
  const float result = fmaf(a, b, c);
  if (fabsf(result) > 0x1p-126f || isnan(result)) return result;
  const float sign = copysignf(1, result);
  return fabsf(result) < 0x1p-126f || is_tiny(a, b, c, sign) ? sign * 0.0f : result;
}

INLINE flushing_vector multiply_add(flushing_vector a, flushing_vector b, flushing_vector c) {
  for (int i = 0; i < 4; i++) c[i] = flushing_multiply_add(a[i], b[i], c[i]);
  return c;
}

#define UNIT(x) flushing_##x
#define MULTIPLY_ADD(a, b, c) multiply_add(a, b, c)

#include "plain.h"

const struct unit plain_brain16_unit = {
    .rows = ROWS, .lanes = LANES, .vectors = VECTORS,
    .tiles = {ENTRIES(tile), ENTRIES(transposed)},
    .transpose = flushing_transpose, .deal = flushing_deal,
};
