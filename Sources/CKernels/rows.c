#include "kernels_rows.h"
#include "vector_math.h"

#include <math.h>

INLINE float sum(const float *x, long count) {
  lanes total = 0, value;
  long i = 0;
  for (; i + LANES <= count; i += LANES) {
    load(&value, x + i);
    total += value;
  }
  load_rest(&value, x + i, count - i);
  total += value;
  return sum_of_lanes(&total);
}

INLINE float sum_of_squared_deviations(const float *x, float mean, long count) {
  lanes total = 0, value;
  long i = 0;
  for (; i + LANES <= count; i += LANES) {
    load(&value, x + i);
    value -= mean;
    total = FMA(value, value, total);
  }
  float rest[LANES] = {0};
  for (long j = 0; i + j < count; j++) rest[j] = x[i + j] - mean;
  load(&value, rest);
  total = FMA(value, value, total);
  return sum_of_lanes(&total);
}

INLINE float dot(const float *a, const float *b, long count) {
  lanes total = 0, x, y;
  long i = 0;
  for (; i + LANES <= count; i += LANES) {
    load(&x, a + i);
    load(&y, b + i);
    total = FMA(x, y, total);
  }
  load_rest(&x, a + i, count - i);
  load_rest(&y, b + i, count - i);
  total = FMA(x, y, total);
  return sum_of_lanes(&total);
}

// One expression for the norm and for making its result again, so that both round alike.
INLINE void scale_and_shift(
    float *restrict out, const float *restrict x, const float *restrict scale, const float *restrict shift,
    long columns) {
  for (long i = 0; i < columns; i++) out[i] = FMA(x[i], scale[i], shift[i]);
}

KERNEL void kernel_scale_and_shift(
    float *restrict y, const float *restrict x, const float *restrict scale, const float *restrict shift, long rows,
    long columns) {
  for (long row = 0; row < rows; row++) scale_and_shift(y + row * columns, x + row * columns, scale, shift, columns);
}

KERNEL void kernel_layer_norm(
    float *restrict y, float *restrict normalized, float *restrict inverse, const float *restrict scale,
    const float *restrict shift, float epsilon, long rows, long columns) {
  for (long row = 0; row < rows; row++) {
    float *restrict x = normalized + row * columns;
    const float mean = sum(x, columns) / (float)columns;
    const float variance = sum_of_squared_deviations(x, mean, columns) / (float)columns;
    const float factor = 1.0f / sqrtf(variance + epsilon);
    inverse[row] = factor;
    for (long i = 0; i < columns; i++) x[i] = (x[i] - mean) * factor;
    scale_and_shift(y + row * columns, x, scale, shift, columns);
  }
}

// The sums of g and of g * x, where g = upstream * scale.
INLINE void layer_norm_sums(
    const float *upstream, const float *scale, const float *x, long count, float *plain, float *weighted) {
  lanes total = 0, total_weighted = 0, g, s, value;
  long i = 0;
  for (; i + LANES <= count; i += LANES) {
    load(&g, upstream + i);
    load(&s, scale + i);
    load(&value, x + i);
    g *= s;
    total += g;
    total_weighted = FMA(g, value, total_weighted);
  }
  load_rest(&g, upstream + i, count - i);
  load_rest(&s, scale + i, count - i);
  load_rest(&value, x + i, count - i);
  g *= s;
  total += g;
  total_weighted = FMA(g, value, total_weighted);
  *plain = sum_of_lanes(&total);
  *weighted = sum_of_lanes(&total_weighted);
}

KERNEL void kernel_layer_norm_backward(
    float *gradient, const float *upstream, const float *restrict normalized, const float *restrict inverse,
    const float *restrict scale, long rows, long columns) {
  for (long row = 0; row < rows; row++) {
    const float *x = normalized + row * columns;
    const float *dy = upstream + row * columns;
    float *dx = gradient + row * columns;
    float plain, weighted;
    layer_norm_sums(dy, scale, x, columns, &plain, &weighted);
    plain /= (float)columns;
    weighted /= (float)columns;
    const float factor = inverse[row];
    EACH
    for (long i = 0; i < columns; i++) dx[i] = factor * FMA(-x[i], weighted, FMA(dy[i], scale[i], -plain));
  }
}

KERNEL void kernel_add_column_sums(float *restrict sums, const float *restrict x, long rows, long columns) {
  long row = 0;
  for (; row + 4 <= rows; row += 4) {
    const float *r = x + row * columns;
    for (long i = 0; i < columns; i++) {
      sums[i] = (((sums[i] + r[i]) + r[i + columns]) + r[i + 2 * columns]) + r[i + 3 * columns];
    }
  }
  for (; row < rows; row++) {
    for (long i = 0; i < columns; i++) sums[i] += x[row * columns + i];
  }
}

KERNEL void kernel_add_product_column_sums(
    float *restrict sums, const float *restrict a, const float *restrict b, long rows, long columns) {
  for (long row = 0; row < rows; row++) {
    for (long i = 0; i < columns; i++) sums[i] = FMA(a[row * columns + i], b[row * columns + i], sums[i]);
  }
}

INLINE float largest_value(const float *x, long count) {
  float largest = -INFINITY;
  long i = 0;
  if (count >= LANES) {
    lanes most, value;
    load(&most, x);
    for (i = LANES; i + LANES <= count; i += LANES) {
      load(&value, x + i);
      most = value > most ? value : most;
    }
    largest = largest_of_lanes(&most);
  }
  for (; i < count; i++) largest = x[i] > largest ? x[i] : largest;
  return largest;
}

// Scores whose product with the factor is beyond this are rounded by more than a hundredth.
static const float LARGE_SCORE = 131072.0f;

// values = e^(factor * (values - largest)) * share, the rows of a softmax. Of ordinary scores the products are subtracted,
// with one rounding where there is a fused multiply-add: what the product of the largest is off by is a factor that all
// values share. Large scores are subtracted first: the rounding of their products would itself be a large number, 100 at 1e9,
// and the largest value no longer e^0.
INLINE void exponentials(float *restrict values, float factor, float largest, float share, long columns) {
  const float most = factor * largest;
  if (fabsf(most) < LARGE_SCORE) {
    for (long i = 0; i < columns; i++) values[i] = exponential(FMA(factor, values[i], -most)) * share;
  } else {
    for (long i = 0; i < columns; i++) values[i] = exponential(factor * (values[i] - largest)) * share;
  }
}

KERNEL void kernel_softmax(
    float *restrict x, float *restrict largest, float *restrict inverse, float factor, long rows, long columns,
    long stride) {
  for (long row = 0; row < rows; row++) {
    float *values = x + row * stride;
    largest[row] = largest_value(values, columns);
    exponentials(values, factor, largest[row], 1.0f, columns);
    inverse[row] = 1.0f / sum(values, columns);
    for (long i = 0; i < columns; i++) values[i] *= inverse[row];
  }
}

KERNEL void kernel_softmax_again(
    float *restrict x, const float *restrict largest, const float *restrict inverse, float factor, long rows,
    long columns, long stride) {
  for (long row = 0; row < rows; row++) {
    exponentials(x + row * stride, factor, largest[row], inverse[row], columns);
  }
}

KERNEL void kernel_softmax_backward(
    float *restrict gradient, const float *restrict p, float factor, long rows, long columns, long stride) {
  for (long row = 0; row < rows; row++) {
    float *g = gradient + row * stride;
    const float *values = p + row * stride;
    const float mean = dot(g, values, columns);
    for (long i = 0; i < columns; i++) g[i] = factor * values[i] * (g[i] - mean);
  }
}
