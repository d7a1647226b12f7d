#include "kernels_random.h"
#include "vector_math.h"

typedef uint32_t words __attribute__((ext_vector_type(16)));
typedef uint64_t pairs __attribute__((ext_vector_type(8)));

// The high and low halves of the sixteen products constant * x.
INLINE void multiply(uint64_t constant, const words *x, words *high, words *low) {
  pairs both;
  memcpy(&both, x, sizeof both);
  const uint64_t lower = 0xFFFFFFFFu;
  pairs even = (both & lower) * constant;
  pairs odd = (both >> 32) * constant;
  pairs highs = (even >> 32) | (odd & ~lower);
  pairs lows = (even & lower) | (odd << 32);
  memcpy(high, &highs, sizeof highs);
  memcpy(low, &lows, sizeof lows);
}

// Philox 4x32-10 on sixteen counters, in place (Salmon, Moraes, Dror, Shaw, SC 2011).
INLINE void philox(words counter[4], uint32_t key0, uint32_t key1) {
  for (int round = 0; round < 10; round++) {
    words high0, low0, high1, low1;
    multiply(0xD2511F53u, &counter[0], &high0, &low0);
    multiply(0xCD9E8D57u, &counter[2], &high1, &low1);
    counter[0] = high1 ^ counter[1] ^ key0;
    counter[1] = low1;
    counter[2] = high0 ^ counter[3] ^ key1;
    counter[3] = low0;
    key0 += 0x9E3779B9u;
    key1 += 0xBB67AE85u;
  }
}

KERNEL void kernel_random_halves(
    uint16_t *halves, const uint32_t *row, const uint32_t *outer, long rows, long columns, uint32_t key0,
    uint32_t key1) {
  const long blocks = (columns + 7) / 8;
  const long count = rows * blocks;
  long r = 0, block = 0;
  for (long start = 0; start < count; start += LANES) {
    const long filled = count - start < LANES ? count - start : LANES;
    uint32_t c0[LANES] = {0}, c2[LANES] = {0}, c3[LANES] = {0};
    for (long lane = 0; lane < filled; lane++) {
      c0[lane] = (uint32_t)block;
      c2[lane] = outer[r];
      c3[lane] = row[r];
      if (++block == blocks) block = 0, r++;
    }
    words counter[4] = {0};
    memcpy(&counter[0], c0, sizeof c0);
    memcpy(&counter[2], c2, sizeof c2);
    memcpy(&counter[3], c3, sizeof c3);
    philox(counter, key0, key1);
    // The words of a block lie side by side: word w of block l is the (4 l + w)-th. Little-endian halves follow suit.
    uint32_t drawn[4 * LANES];
    for (int lane = 0; lane < LANES; lane++) {
      for (int word = 0; word < 4; word++) drawn[4 * lane + word] = counter[word][lane];
    }
    memcpy(halves + start * 8, drawn, (size_t)filled * 16);
  }
}
