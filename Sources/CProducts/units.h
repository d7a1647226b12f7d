// What the files of products share.
#pragma once

#include "CProducts.h"

#include <string.h>

#pragma STDC FP_CONTRACT OFF

#define INLINE static inline __attribute__((always_inline))
#define UNROLL _Pragma("clang loop unroll(full)")
#define OPAQUE(x) __asm__ volatile("" : "+r"(x))

/// A few rows and columns of a product, over a part of its depth.
struct tile {
  /// The element of row i and term k stands at i * a_stride + k, or where the left operand is transposed at k * a_stride + i.
  const float *a;
  long a_stride;
  const float *b;
  long b_stride;
  float *c;
  long c_stride;
  long depth;
  /// Columns of the last vector.
  long last;
  int accumulates;
  /// NULL for none.
  const float *bias;
};

typedef void (*tile_function)(const struct tile *);

/// Transposes a square of numbers.
typedef void (*transpose_function)(float *to, long to_stride, const float *from, long from_stride);

/// Columns side by side, as many as a tile has, of which every strip has all steps: [strips][steps][width].
struct strips {
  float *values;
  /// Of one strip; zeros fill it up to the width, a multiple of a vector's floats.
  long columns, width;
  /// Between two strips.
  long distance;
};

/// Deals the columns of some rows of a matrix out to strips.
typedef void (*deal_function)(const struct strips *, const float *from, long stride, long steps, long columns);

/// How one kind of vector multiplies.
struct unit {
  int rows, lanes, vectors;
  /// [is_transposed][rows - 1][vectors - 1]
  tile_function tiles[2][14][3];
  /// Of as many rows as a vector has floats.
  transpose_function transpose;
  deal_function deal;
};

extern const struct unit plain_unit, plain_brain16_unit;
#if defined(__aarch64__)
extern const struct unit neon_unit;
#endif
#if defined(__x86_64__)
extern const struct unit avx2_unit, avx512_unit, avx512_brain16_unit;
#endif
