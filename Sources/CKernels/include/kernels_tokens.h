// Loops over tokens and over matrices of token pairs.
#pragma once

#include <stdint.h>

/// One token's heads [heads, depth], each turned by the angles of its position: `table` holds depth / 2 cosines, then as
/// many sines, which are multiplied by `direction` (1 or -1). The pairs that turn together are i and i + depth / 2, or
/// neighbours. result (+)= the turned heads.
void kernel_rotate(
    float *result, const float *x, const float *table, float direction, long heads, long depth, int neighbours,
    int accumulates);

/// y [columns] = the largest value of each column of x [rows, columns], and `place` the row where it stands first; rows > 0.
void kernel_largest_of_columns(float *y, int32_t *place, const float *x, long rows, long columns);

/// result [rows, columns] (+)= x, whose rows are `x_stride` apart.
void kernel_add_matrix(
    float *result, long stride, const float *x, long x_stride, long rows, long columns, int accumulates);

/// result [rows, columns] (+)= the transpose of x [columns, rows].
void kernel_add_transposed(
    float *result, long stride, const float *x, long x_stride, long rows, long columns, int accumulates);
