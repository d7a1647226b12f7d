// Matrix products whose bits depend on the numbers alone.
//
// Every element of a product is one chain of fused multiply-adds over the depth in ascending order,
//
//   c = 0, or the value that is there;  for k = 0, 1, …:  c = fma(a[i, k], b[k, j], c)
//
// so neither the processor's vectors nor blocks, threads or ranges of rows and columns change a bit. Not-a-numbers are
// not-a-numbers everywhere, but their payloads are the processor's.
//
// bfloat16 operands are multiplied as VDPBF16PS does, in pairs of terms of which the second comes first:
//
//   for k = 0, 2, …:  c = fma'(a[i, k], b[k, j], fma'(a[i, k + 1], b[k + 1, j], c))
//
// where fma' reads denormals as zeros and writes results that are tiny after rounding as zeros, and a term beyond the
// depth is that of two zeros.
#pragma once

#include <stdint.h>

/// The vectors that products are computed with.
enum product_units {
  /// No vectors: `fmaf`.
  PRODUCT_PLAIN = 0,
  PRODUCT_NEON = 1,
  /// AVX2 and FMA.
  PRODUCT_AVX2 = 2,
  PRODUCT_AVX512 = 3,
  /// AVX-512 with VDPBF16PS.
  PRODUCT_AVX512_BRAIN16 = 4,
};

/// What operands are stored as.
enum product_element { PRODUCT_FLOAT32 = 0, PRODUCT_BRAIN16 = 1 };

/// The best of this processor, by its features.
int product_best_units(void);

/// Whether this processor can compute with some vectors.
int product_has_units(int units);

/// A row-major matrix, or the transpose of one; `stride` elements lie between the starts of its stored rows.
typedef struct product_matrix {
  const void *values;
  long stride;
  int is_transposed;
} product_matrix;

typedef struct product {
  int units;
  int element;
  long rows, columns, depth;
  /// [rows, depth]
  product_matrix a;
  /// [depth, columns]; not read where `packed` is given.
  product_matrix b;
  /// The right operand as `product_pack` has left it, or NULL.
  const float *packed;
  /// The columns from `first_column` up to `end_column` alone are computed; the first is a multiple of
  /// PRODUCT_COLUMNS.
  long first_column, end_column;
  /// [rows, columns]
  float *c;
  long c_stride;
  /// Not zero: the chains begin with what is there.
  int accumulates;
  /// [columns]: added at the end of the chains, with its own rounding; or NULL.
  const float *bias;
} product;

/// Ranges of columns begin at multiples of it.
enum { PRODUCT_COLUMNS = 96 };

/// Floats of scratch memory that a product takes.
enum { PRODUCT_SCRATCH = 384 * 384 + 4 * 16 * 384 };

/// Computes c (+)= a b (+ bias).
void product_multiply(const product *p, float *scratch);

/// Floats of a packed right operand.
long product_packed_count(int units, int element, long depth, long columns);

/// Packs the columns of b from `first` up to `end`: multiples of PRODUCT_COLUMNS, or the end of the matrix.
void product_pack(
    int units, int element, const product_matrix *b, long depth, long columns, long first, long end, float *packed);
