// Counter-based random bits for dropout, and normal values for first weights.
#pragma once

#include <stdint.h>

/// Sixteen random bits for each element of [rows, columns], where `columns` is rounded up to a multiple of 8: element
/// (r, i) takes 16 bits of the Philox 4x32-10 block with counter (first + i / 8, 0, outer[r], row[r]).
void kernel_random_halves(
    uint16_t *halves, const uint32_t *row, const uint32_t *outer, long rows, uint32_t first, long columns,
    uint32_t key0, uint32_t key1);

/// Normal values of mean 0 and variance 1 (Box and Muller, in double precision): four from each Philox 4x32-10 block with
/// counter (i / 4, i / 4 >> 32, 0, 0), a pair from words 0 and 1, and one from words 2 and 3.
void kernel_normals(float *values, long count, uint32_t key0, uint32_t key1);
