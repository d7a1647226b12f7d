// Counter-based random bits for dropout.
#pragma once

#include <stdint.h>

/// Sixteen random bits for each element of [rows, columns], where `columns` is rounded up to a multiple of 8: element
/// (r, i) takes 16 bits of the Philox 4x32-10 block with counter (i / 8, 0, outer[r], row[r]).
void kernel_random_halves(
    uint16_t *halves, const uint32_t *row, const uint32_t *outer, long rows, long columns, uint32_t key0,
    uint32_t key1);
