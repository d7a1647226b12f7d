#include "kernels_random.h"
#include "philox.h"

// Which block of which row comes next.
struct place {
  long row, block;
};

// The counters of the next sixteen blocks, run by run of blocks in one row.
INLINE void next_counters(
    words counter[4], struct place *next, const uint32_t *row, const uint32_t *outer, long rows, long blocks) {
  const words lane_numbers = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
  long lane = 0;
  counter[0] = counter[1] = counter[2] = counter[3] = 0;
  while (lane < LANES && next->row < rows) {
    const words is_mine = (words)(lane_numbers >= (uint32_t)lane);
    const uint32_t first = (uint32_t)(next->block - lane);
    counter[0] = (is_mine & (lane_numbers + first)) | (~is_mine & counter[0]);
    counter[2] = (is_mine & outer[next->row]) | (~is_mine & counter[2]);
    counter[3] = (is_mine & row[next->row]) | (~is_mine & counter[3]);
    const long left = blocks - next->block;
    if (lane + left <= LANES) {
      lane += left;
      next->row++;
      next->block = 0;
    } else {
      next->block += LANES - lane;
      lane = LANES;
    }
  }
}

INLINE void interleave(const words *a, const words *b, words *low, words *high) {
  *low = __builtin_shufflevector(*a, *b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
  *high = __builtin_shufflevector(*a, *b, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
}

INLINE void interleave_pairs(const words *a, const words *b, words *low, words *high) {
  *low = __builtin_shufflevector(*a, *b, 0, 1, 16, 17, 2, 3, 18, 19, 4, 5, 20, 21, 6, 7, 22, 23);
  *high = __builtin_shufflevector(*a, *b, 8, 9, 24, 25, 10, 11, 26, 27, 12, 13, 28, 29, 14, 15, 30, 31);
}

// Lays the four words of each block side by side: word w of block l becomes the (4 l + w)-th.
INLINE void transpose(const words in[4], words out[4]) {
  words first[2], second[2];
  interleave(&in[0], &in[1], &first[0], &first[1]);
  interleave(&in[2], &in[3], &second[0], &second[1]);
  interleave_pairs(&first[0], &second[0], &out[0], &out[1]);
  interleave_pairs(&first[1], &second[1], &out[2], &out[3]);
}

KERNEL void kernel_random_halves(
    uint16_t *halves, const uint32_t *row, const uint32_t *outer, long rows, uint32_t first, long columns,
    uint32_t key0, uint32_t key1) {
  const long blocks = (columns + 7) / 8;
  const long count = rows * blocks;
  struct place next = {0, 0};
  for (long start = 0; start < count; start += LANES) {
    words counter[4], drawn[4];
    next_counters(counter, &next, row, outer, rows, blocks);
    counter[0] += first;
    philox(counter, key0, key1);
    transpose(counter, drawn);
    // A word holds two halves, the even element's in its low one, which little-endian memory puts first.
    if (count - start >= LANES) {
      memcpy(halves + start * 8, drawn, sizeof drawn);
    } else {
      memcpy(halves + start * 8, drawn, (size_t)(count - start) * 16);
    }
  }
}
