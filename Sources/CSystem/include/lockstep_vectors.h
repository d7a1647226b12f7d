#pragma once

#include <stddef.h>
#include <stdint.h>

/// CRC-32C (Castagnoli, reflected) of `count` bytes, continuing from `crc` (0 to start).
uint32_t lockstep_crc32c(uint32_t crc, const void *bytes, size_t count);

/// The same, one table look-up a byte: the twin that tests compare with.
uint32_t lockstep_crc32c_plain(uint32_t crc, const void *bytes, size_t count);

/// CRC-32C of 4 `count` bytes as above, and in the same pass sum[i] = left[i] + right[i], one of which is those bytes.
uint32_t lockstep_crc32c_add(
  uint32_t crc, const void *bytes, float *sum, const float *left, const float *right, size_t count);

/// sum[i] = left[i] + right[i]. `sum` may be `left` or `right`; otherwise the three do not overlap.
void lockstep_add(float *sum, const float *left, const float *right, size_t count);

/// The same, with a second copy of the sum that overlaps nothing.
void lockstep_add_twice(float *sum, float *copy, const float *left, const float *right, size_t count);
