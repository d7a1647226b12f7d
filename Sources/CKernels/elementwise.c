#include "kernels_elementwise.h"
#include "vector_math.h"

KERNEL void kernel_add(float *result, const float *a, const float *b, long count) {
  EACH
  for (long i = 0; i < count; i++) result[i] = a[i] + b[i];
}

KERNEL void kernel_multiply(float *result, const float *a, const float *b, long count) {
  EACH
  for (long i = 0; i < count; i++) result[i] = a[i] * b[i];
}

KERNEL int kernel_is_zero(const float *x, long count) {
  const uint32_t *bits = (const uint32_t *)x;
  uint32_t any = 0;
  for (long i = 0; i < count; i++) any |= bits[i];
  return any == 0;
}

KERNEL void kernel_scale(float *result, const float *x, float factor, long count, int accumulates) {
  if (accumulates) {
    EACH
    for (long i = 0; i < count; i++) result[i] = FMA(factor, x[i], result[i]);
  } else {
    EACH
    for (long i = 0; i < count; i++) result[i] = factor * x[i];
  }
}

KERNEL void kernel_add_bias(float *restrict x, const float *restrict bias, long rows, long columns) {
  for (long row = 0; row < rows; row++) {
    EACH
    for (long i = 0; i < columns; i++) x[row * columns + i] += bias[i];
  }
}

INLINE void gelu(float x, float *value, float *derivative) {
  float density, probability;
  normal_distribution(x, &density, &probability);
  *value = x * probability;
  *derivative = FMA(x, density, probability);
}

KERNEL void kernel_gelu(float *result, const float *x, long count) {
  EACH
  for (long i = 0; i < count; i++) {
    float value, slope;
    gelu(x[i], &value, &slope);
    result[i] = value;
  }
}

KERNEL void kernel_gelu_and_slope(float *result, float *x, long count) {
  EACH
  for (long i = 0; i < count; i++) {
    float value, slope;
    gelu(x[i], &value, &slope);
    result[i] = value;
    x[i] = slope;
  }
}

KERNEL void kernel_gelu_backward(
    float *gradient, const float *upstream, const float *x, long count, int accumulates) {
  EACH
  for (long i = 0; i < count; i++) {
    float value, slope;
    gelu(x[i], &value, &slope);
    gradient[i] = FMA(upstream[i], slope, accumulates ? gradient[i] : 0.0f);
  }
}

KERNEL void kernel_relu(float *result, const float *x, long count) {
  // Written so that NaN stays NaN.
  EACH
  for (long i = 0; i < count; i++) result[i] = x[i] < 0.0f ? 0.0f : x[i];
}

KERNEL void kernel_relu_backward(
    float *gradient, const float *upstream, const float *y, long count, int accumulates) {
  if (accumulates) {
    EACH
    for (long i = 0; i < count; i++) gradient[i] += y[i] > 0.0f ? upstream[i] : 0.0f;
  } else {
    EACH
    for (long i = 0; i < count; i++) gradient[i] = y[i] > 0.0f ? upstream[i] : 0.0f;
  }
}

KERNEL void kernel_tanh(float *result, const float *x, long count) {
  EACH
  for (long i = 0; i < count; i++) result[i] = hyperbolic_tangent(x[i]);
}

KERNEL void kernel_tanh_backward(
    float *gradient, const float *upstream, const float *y, long count, int accumulates) {
  if (accumulates) {
    EACH
    for (long i = 0; i < count; i++) gradient[i] = FMA(upstream[i], FMA(-y[i], y[i], 1.0f), gradient[i]);
  } else {
    EACH
    for (long i = 0; i < count; i++) gradient[i] = upstream[i] * FMA(-y[i], y[i], 1.0f);
  }
}

KERNEL void kernel_dropout(
    float *result, const float *x, const uint16_t *restrict random, uint32_t threshold, float scale, long count,
    int accumulates) {
  if (accumulates) {
    EACH
    for (long i = 0; i < count; i++) result[i] += random[i] >= threshold ? scale * x[i] : 0.0f;
  } else {
    EACH
    for (long i = 0; i < count; i++) result[i] = random[i] >= threshold ? scale * x[i] : 0.0f;
  }
}

KERNEL void kernel_dropout_add(
    float *restrict result, const float *restrict residual, const float *restrict x, const uint16_t *restrict random,
    uint32_t threshold, float scale, long count) {
  EACH
  for (long i = 0; i < count; i++) result[i] = residual[i] + (random[i] >= threshold ? scale * x[i] : 0.0f);
}
