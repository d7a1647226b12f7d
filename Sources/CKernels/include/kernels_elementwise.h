// Element by element. Where `accumulates` is not zero a result is added to what is there, else it overwrites.
#pragma once

#include <stdint.h>

/// result = a + b
void kernel_add(float *result, const float *a, const float *b, long count);

/// Whether every bit of x is zero; a negative zero is not.
int kernel_is_zero(const float *x, long count);

/// result (+)= factor * x
void kernel_scale(float *result, const float *x, float factor, long count, int accumulates);

/// Each row of x [rows, columns] += bias [columns].
void kernel_add_bias(float *x, const float *bias, long rows, long columns);

/// result = a * b
void kernel_multiply(float *result, const float *a, const float *b, long count);

/// The exact (erf) GELU of x.
void kernel_gelu(float *result, const float *x, long count);

/// The same; x becomes GELU'(x).
void kernel_gelu_and_slope(float *result, float *x, long count);

/// gradient (+)= upstream * GELU'(x)
void kernel_gelu_backward(float *gradient, const float *upstream, const float *x, long count, int accumulates);

/// result = max(x, 0)
void kernel_relu(float *result, const float *x, long count);

/// gradient (+)= upstream where y > 0
void kernel_relu_backward(float *gradient, const float *upstream, const float *y, long count, int accumulates);

/// result = tanh(x)
void kernel_tanh(float *result, const float *x, long count);

/// gradient (+)= upstream * (1 - y²)
void kernel_tanh_backward(float *gradient, const float *upstream, const float *y, long count, int accumulates);

/// result (+)= scale * x where random >= threshold, else 0
void kernel_dropout(
    float *result, const float *x, const uint16_t *random, uint32_t threshold, float scale, long count,
    int accumulates);

/// result = residual + (scale * x where random >= threshold, else 0)
void kernel_dropout_add(
    float *result, const float *residual, const float *x, const uint16_t *random, uint32_t threshold, float scale,
    long count);
