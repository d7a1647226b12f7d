// Rounding to 16-bit formats, to nearest with ties to even; NaN stays NaN.
#pragma once

#include <stdint.h>

/// result = x as bfloat16
void kernel_store_brain16(uint16_t *result, const float *x, long count);

/// result = the bfloat16 nearest to x, as a float
void kernel_round_brain16(float *result, const float *x, long count);

/// result = the IEEE half nearest to x, as a float; infinite beyond 65504
void kernel_round_half(float *result, const float *x, long count);
