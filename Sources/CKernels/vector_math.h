// Sixteen-lane arithmetic shared by the kernels.
//
// Every kernel is compiled three times on x86-64 Linux and the processor chooses at load time. Sums always run in
// sixteen lanes that are folded in one order, and products are added with one rounding where FMA says so and nowhere else,
// so every processor gives the same bits.
#pragma once

#include <stdint.h>
#include <string.h>

#if defined(__x86_64__) && defined(__linux__)
#define KERNEL __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define KERNEL
#endif

#define INLINE static inline __attribute__((always_inline))

// A loop whose iterations touch only their own elements, so that a result may lie in the memory of an input.
#if defined(__clang__)
#define EACH _Pragma("clang loop vectorize(assume_safety)")
#else
#define EACH
#endif

#pragma STDC FP_CONTRACT OFF

// a * b + c, rounded once. Where the processor has no such instruction, a function of the C library does it.
#define FMA(a, b, c) __builtin_elementwise_fma(a, b, c)

enum { LANES = 16 };

// Helpers take lanes by pointer: passed by value, their ABI would differ between the clones.
typedef float lanes __attribute__((ext_vector_type(16)));

INLINE void load(lanes *to, const float *from) { memcpy(to, from, sizeof(lanes)); }

INLINE void store(float *to, const lanes *from) { memcpy(to, from, sizeof(lanes)); }

// Loads the `count` < 16 values at the end of a row and zeros behind them.
INLINE void load_rest(lanes *to, const float *from, long count) {
  float values[LANES] = {0};
  for (long i = 0; i < count; i++) values[i] = from[i];
  load(to, values);
}

INLINE float sum_of_lanes(const lanes *x) {
  float v[LANES];
  store(v, x);
  for (int half = LANES / 2; half > 0; half /= 2) {
    for (int i = 0; i < half; i++) v[i] += v[i + half];
  }
  return v[0];
}

INLINE float largest_of_lanes(const lanes *x) {
  float v[LANES];
  store(v, x);
  float largest = v[0];
  for (int i = 1; i < LANES; i++) largest = v[i] > largest ? v[i] : largest;
  return largest;
}

INLINE float float_from_bits(uint32_t bits) {
  float value;
  memcpy(&value, &bits, sizeof value);
  return value;
}

INLINE uint32_t bits_of_float(float value) {
  uint32_t bits;
  memcpy(&bits, &value, sizeof bits);
  return bits;
}

// e^x for x <= 88; below -87 the result stays at e^-87 (about 1.6e-38). Within 1.5 units in the last place; NaN stays
// NaN. Range reduction to ±ln 2 / 2 with ln 2 split in two, then a polynomial (Moshier, Cephes).
INLINE float exponential(float x) {
  const float shift = 12582912.0f;  // 1.5 * 2^23: adding it rounds to an integer in the low bits
  x = x < -87.0f ? -87.0f : x;
  x = x > 88.0f ? 88.0f : x;
  float shifted = FMA(x, 1.44269504088896341f, shift);
  float n = shifted - shift;
  float r = FMA(-n, 0.693359375f, x);
  r = FMA(n, 2.12194440e-4f, r);
  float p = 1.9875691500e-4f;
  p = FMA(p, r, 1.3981999507e-3f);
  p = FMA(p, r, 8.3334519073e-3f);
  p = FMA(p, r, 4.1665795894e-2f);
  p = FMA(p, r, 1.6666665459e-1f);
  p = FMA(p, r, 5.0000001201e-1f);
  float power = float_from_bits((bits_of_float(shifted) << 23) + 0x3F800000u);
  return (FMA(p, r * r, r) + 1.0f) * power;
}

// tanh(x) within 2 units in the last place: an odd polynomial near zero, (e^2x - 1) / (e^2x + 1) elsewhere (Moshier,
// Cephes).
INLINE float hyperbolic_tangent(float x) {
  float a = float_from_bits(bits_of_float(x) & 0x7FFFFFFFu);
  float z = x * x;
  float p = -5.70498872745e-3f;
  p = FMA(p, z, 2.06390887954e-2f);
  p = FMA(p, z, -5.37397155531e-2f);
  p = FMA(p, z, 1.33314422036e-1f);
  p = FMA(p, z, -3.33332819422e-1f);
  float near = FMA(p * z, x, x);
  float bounded = a > 10.0f ? 10.0f : a;
  float far = 1.0f - 2.0f / (exponential(2.0f * bounded) + 1.0f);
  far = float_from_bits(bits_of_float(far) | (bits_of_float(x) & 0x80000000u));
  return a < 0.625f ? near : far;
}

// The standard normal distribution at x: its density, and the probability below x to 2e-7.
// The tail beyond |x| is e^(-x²/2) times a polynomial in 1 / (1 + 0.33 |x|), fitted to a relative error of 1.3e-8.
INLINE void normal_distribution(float x, float *density, float *probability) {
  float a = float_from_bits(bits_of_float(x) & 0x7FFFFFFFu);
  float bell = exponential(-0.5f * a * a);
  float t = 1.0f / FMA(0.33f, a, 1.0f);
  float p = -0.02582939900457859f;
  p = FMA(p, t, 0.14838403463363647f);
  p = FMA(p, t, -0.3219491243362427f);
  p = FMA(p, t, 0.2912481725215912f);
  p = FMA(p, t, -0.10657913237810135f);
  p = FMA(p, t, 0.14583894610404968f);
  p = FMA(p, t, 0.10372127592563629f);
  p = FMA(p, t, 0.13367997109889984f);
  p = FMA(p, t, 0.13147860765457153f);
  p = FMA(p, t, 6.381975254043937e-06f);
  float tail = bell * p;
  *density = 0.3989422804014327f * bell;
  *probability = x > 0.0f ? 1.0f - tail : tail;
}
