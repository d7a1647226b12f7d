#include "kernels_rounding.h"
#include "vector_math.h"

// The bits of x with the lower sixteen rounded away. Adding half and the last kept bit rounds to nearest, ties to even;
// a NaN is made quiet instead, since the carry could turn it into infinity.
INLINE uint32_t brain16_bits(float x) {
  const uint32_t bits = bits_of_float(x);
  const uint32_t rounded = bits + 0x7FFFu + ((bits >> 16) & 1u);
  return (x != x ? bits | 0x400000u : rounded) & 0xFFFF0000u;
}

KERNEL void kernel_store_brain16(uint16_t *restrict result, const float *restrict x, long count) {
  for (long i = 0; i < count; i++) result[i] = (uint16_t)(brain16_bits(x[i]) >> 16);
}

KERNEL void kernel_round_brain16(float *result, const float *x, long count) {
  EACH
  for (long i = 0; i < count; i++) result[i] = float_from_bits(brain16_bits(x[i]));
}

INLINE float round_half(float x) {
  const uint32_t bits = bits_of_float(x);
  const uint32_t sign = bits & 0x80000000u;
  const uint32_t magnitude = bits & 0x7FFFFFFFu;
  // Ten bits of fraction stay of twenty-three.
  const uint32_t normal = (magnitude + 0xFFFu + ((magnitude >> 13) & 1u)) & ~0x1FFFu;
  // Below 2^-14 halves are multiples of 2^-24, which is the spacing of floats in [0.5, 1).
  const uint32_t small = bits_of_float((float_from_bits(magnitude) + 0.5f) - 0.5f);
  uint32_t result = magnitude < 0x38800000u ? small : normal;
  result = result > 0x477FE000u ? 0x7F800000u : result;
  result = magnitude > 0x7F800000u ? magnitude : result;
  return float_from_bits(result | sign);
}

KERNEL void kernel_round_half(float *result, const float *x, long count) {
  EACH
  for (long i = 0; i < count; i++) result[i] = round_half(x[i]);
}
