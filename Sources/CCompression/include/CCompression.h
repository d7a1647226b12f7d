#pragma once

#include <stddef.h>
#include <stdint.h>

// Fewer bytes for floats on the wire, and what is lost on the way kept for the next time.
//
// Products and sums are rounded one by one, so every processor gives the same bits. `residual` holds, on entry, what is to be
// added to the values before they are encoded, and on return what the code leaves out of that sum.

/// Elements that share a scale in eight bits.
enum { COMPRESSION_BLOCK = 256 };

/// The upper half of a float, rounded to nearest, ties to even. A NaN stays one.
void compression_encode_bf16(uint16_t *code, const float *values, float *residual, size_t count);
void compression_decode_bf16(float *values, const uint16_t *code, size_t count);
/// Adds to `values` what the code stands for.
void compression_add_bf16(float *values, const uint16_t *code, size_t count);

/// The nearest multiple, from -127 to 127, of the block's scale: its largest magnitude over 127. A block that is not finite
/// has a NaN for its scale, so that none of it is.
void compression_encode_int8(float *scales, int8_t *code, const float *values, float *residual, size_t count);
void compression_decode_int8(float *values, const float *scales, const int8_t *code, size_t count);
void compression_add_int8(float *values, const float *scales, const int8_t *code, size_t count);
