// Activations with their slopes, element by element. Where `accumulates` is not zero a result is added to what is there,
// else it overwrites. The exact GELU stands with the other loops, in kernels_elementwise.h.
#pragma once

/// The tanh approximation of GELU.
void kernel_gelu_tanh(float *result, const float *x, long count);

/// The same; x becomes the slope.
void kernel_gelu_tanh_and_slope(float *result, float *x, long count);

/// gradient (+)= upstream * slope(x)
void kernel_gelu_tanh_backward(float *gradient, const float *upstream, const float *x, long count, int accumulates);

/// x / (1 + e^-x)
void kernel_silu(float *result, const float *x, long count);

/// The same; x becomes the slope.
void kernel_silu_and_slope(float *result, float *x, long count);

/// gradient (+)= upstream * slope(x)
void kernel_silu_backward(float *gradient, const float *upstream, const float *x, long count, int accumulates);

/// max(x, 0); x becomes the slope.
void kernel_relu_and_slope(float *result, float *x, long count);

/// tanh(x); x becomes the slope.
void kernel_tanh_and_slope(float *result, float *x, long count);

/// gradient (+)= upstream * (1 - tanh(x)²)
void kernel_tanh_slope_backward(float *gradient, const float *upstream, const float *x, long count, int accumulates);
