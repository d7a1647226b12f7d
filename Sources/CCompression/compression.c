#include "CCompression.h"

#include <string.h>

#pragma STDC FP_CONTRACT OFF

// Compiled for several processors; the loader picks one. Elsewhere than on x86-64 the baseline has vectors.
#if defined(__x86_64__) && defined(__linux__)
#define MULTIVERSIONED __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define MULTIVERSIONED
#endif

#define INLINE static inline __attribute__((always_inline))

INLINE uint32_t bits_of(float value) {
  uint32_t bits;
  memcpy(&bits, &value, sizeof bits);
  return bits;
}

INLINE float from_bits(uint32_t bits) {
  float value;
  memcpy(&value, &bits, sizeof value);
  return value;
}

// Adding half and the last kept bit rounds to nearest, ties to even; a NaN is made quiet instead, since the carry could turn
// it into infinity.
INLINE uint32_t upper_half(float value) {
  const uint32_t bits = bits_of(value);
  const uint32_t rounded = bits + 0x7FFFu + ((bits >> 16) & 1u);
  return (value != value ? bits | 0x400000u : rounded) >> 16;
}

MULTIVERSIONED void compression_encode_bf16(
    uint16_t *restrict code, const float *restrict values, float *restrict residual, size_t count) {
  for (size_t i = 0; i < count; i++) {
    const float whole = values[i] + residual[i];
    const uint32_t half = upper_half(whole);
    code[i] = (uint16_t)half;
    residual[i] = whole - from_bits(half << 16);
  }
}

MULTIVERSIONED void compression_decode_bf16(float *restrict values, const uint16_t *restrict code, size_t count) {
  for (size_t i = 0; i < count; i++) values[i] = from_bits((uint32_t)code[i] << 16);
}

MULTIVERSIONED void compression_add_bf16(float *restrict values, const uint16_t *restrict code, size_t count) {
  for (size_t i = 0; i < count; i++) values[i] += from_bits((uint32_t)code[i] << 16);
}

// Below this a block is nothing: the scale itself would lose bits.
static const float SMALLEST = 1e-30f;
// Adding and subtracting 1.5 * 2^23 rounds to a whole number, ties to even.
static const float ROUNDER = 12582912.0f;

INLINE float encode_block(
    int8_t *restrict code, const float *restrict values, float *restrict residual, size_t count) {
  uint32_t largest_bits = 0;
  for (size_t i = 0; i < count; i++) {
    residual[i] += values[i];
    const uint32_t magnitude = bits_of(residual[i]) & 0x7FFFFFFFu;
    largest_bits = magnitude > largest_bits ? magnitude : largest_bits;
  }
  const float largest = from_bits(largest_bits);
  if (largest_bits >= 0x7F800000u || largest < SMALLEST) {
    memset(code, 0, count);
    return largest_bits >= 0x7F800000u ? from_bits(0x7FC00000u) : 0;
  }
  const float scale = largest / 127, inverse = 127 / largest;
  for (size_t i = 0; i < count; i++) {
    float multiple = (residual[i] * inverse + ROUNDER) - ROUNDER;
    multiple = multiple > 127 ? 127 : multiple < -127 ? -127 : multiple;
    code[i] = (int8_t)multiple;
    const float coded = multiple * scale;
    residual[i] -= coded;
  }
  return scale;
}

MULTIVERSIONED void compression_encode_int8(
    float *restrict scales, int8_t *restrict code, const float *restrict values, float *restrict residual, size_t count) {
  for (size_t start = 0; start < count; start += COMPRESSION_BLOCK) {
    const size_t length = count - start < COMPRESSION_BLOCK ? count - start : COMPRESSION_BLOCK;
    scales[start / COMPRESSION_BLOCK] = encode_block(code + start, values + start, residual + start, length);
  }
}

MULTIVERSIONED void compression_decode_int8(
    float *restrict values, const float *restrict scales, const int8_t *restrict code, size_t count) {
  for (size_t start = 0; start < count; start += COMPRESSION_BLOCK) {
    const size_t end = count - start < COMPRESSION_BLOCK ? count : start + COMPRESSION_BLOCK;
    const float scale = scales[start / COMPRESSION_BLOCK];
    for (size_t i = start; i < end; i++) values[i] = (float)code[i] * scale;
  }
}

MULTIVERSIONED void compression_add_int8(
    float *restrict values, const float *restrict scales, const int8_t *restrict code, size_t count) {
  for (size_t start = 0; start < count; start += COMPRESSION_BLOCK) {
    const size_t end = count - start < COMPRESSION_BLOCK ? count : start + COMPRESSION_BLOCK;
    const float scale = scales[start / COMPRESSION_BLOCK];
    for (size_t i = start; i < end; i++) {
      const float coded = (float)code[i] * scale;
      values[i] += coded;
    }
  }
}
