// Parts of vectors of four floats, where there are no masks.
#pragma once

#define LOW4(a, b) __builtin_shufflevector(a, b, 0, 4, 1, 5)
#define HIGH4(a, b) __builtin_shufflevector(a, b, 2, 6, 3, 7)

typedef float four_floats __attribute__((ext_vector_type(4)));

INLINE four_floats load_part(const float *from, long count) {
  four_floats x = 0;
  for (int i = 0; i < 3; i++) {
    if (i < count) x[i] = from[i];
  }
  return x;
}

INLINE void store_part(float *to, long count, four_floats x) {
  for (int i = 0; i < 3; i++) {
    if (i < count) to[i] = x[i];
  }
}
