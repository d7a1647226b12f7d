#include "kernels_activations.h"
#include "vector_math.h"

// 1 / (1 + e^-x); 0 below -87, where the exponential ends.
INLINE float logistic(float x) {
  const float value = 1.0f / (1.0f + exponential(-x));
  return x < -87.0f ? 0.0f : value;
}

// x / (1 + e^-2u) with u = √(2/π) (x + 0.044715 x³), which is x (1 + tanh u) / 2. Beyond ±11 the logistic function is 0 or
// 1 to the last bit, and x³ would overflow.
INLINE void gelu_tanh(float x, float *value, float *slope) {
  float bounded = x < -11.0f ? -11.0f : x;
  bounded = bounded > 11.0f ? 11.0f : bounded;
  const float square = bounded * bounded;
  const float s = logistic(1.5957691216057308f * bounded * FMA(0.044715f, square, 1.0f));
  *value = x * s;
  *slope = FMA(bounded * s * (1.0f - s) * 1.5957691216057308f, FMA(0.134145f, square, 1.0f), s);
}

INLINE void silu(float x, float *value, float *slope) {
  const float s = logistic(x);
  *value = x * s;
  // Beyond 87 the slope is 1; there x * (1 - s) would be infinity times 0.
  const float bounded = x > 87.0f ? 87.0f : x;
  *slope = s * FMA(bounded, 1.0f - s, 1.0f);
}

INLINE void relu(float x, float *value, float *slope) {
  // Written so that NaN stays NaN.
  *value = x < 0.0f ? 0.0f : x;
  *slope = x > 0.0f ? 1.0f : 0.0f;
}

INLINE void hyperbolic(float x, float *value, float *slope) {
  *value = hyperbolic_tangent(x);
  *slope = FMA(-*value, *value, 1.0f);
}

#define VALUE(name, function)                                          \
  KERNEL void name(float *result, const float *x, long count) {        \
    EACH                                                               \
    for (long i = 0; i < count; i++) {                                 \
      float value, slope;                                              \
      function(x[i], &value, &slope);                                  \
      result[i] = value;                                               \
    }                                                                  \
  }

#define VALUE_AND_SLOPE(name, function)                                \
  KERNEL void name(float *result, float *x, long count) {              \
    EACH                                                               \
    for (long i = 0; i < count; i++) {                                 \
      float value, slope;                                              \
      function(x[i], &value, &slope);                                  \
      result[i] = value;                                               \
      x[i] = slope;                                                    \
    }                                                                  \
  }

#define BACKWARD(name, function)                                                                             \
  KERNEL void name(float *gradient, const float *upstream, const float *x, long count, int accumulates) {    \
    EACH                                                                                                     \
    for (long i = 0; i < count; i++) {                                                                       \
      float value, slope;                                                                                    \
      function(x[i], &value, &slope);                                                                        \
      gradient[i] = FMA(upstream[i], slope, accumulates ? gradient[i] : 0.0f);                                  \
    }                                                                                                        \
  }

VALUE(kernel_gelu_tanh, gelu_tanh)
VALUE_AND_SLOPE(kernel_gelu_tanh_and_slope, gelu_tanh)
BACKWARD(kernel_gelu_tanh_backward, gelu_tanh)

VALUE(kernel_silu, silu)
VALUE_AND_SLOPE(kernel_silu_and_slope, silu)
BACKWARD(kernel_silu_backward, silu)

VALUE_AND_SLOPE(kernel_relu_and_slope, relu)

VALUE_AND_SLOPE(kernel_tanh_and_slope, hyperbolic)
BACKWARD(kernel_tanh_slope_backward, hyperbolic)
