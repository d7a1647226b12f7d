// Philox 4x32-10 on sixteen counters at a time, shared by the kernels that draw.
#pragma once

#include "vector_math.h"

typedef uint32_t words __attribute__((ext_vector_type(16)));
typedef uint64_t pairs __attribute__((ext_vector_type(8)));

// The high and low halves of the sixteen products constant * x.
INLINE void multiply(uint64_t constant, const words *x, words *high, words *low) {
  pairs both;
  memcpy(&both, x, sizeof both);
  pairs even = (both & 0xFFFFFFFFu) * constant;
  pairs odd = (both >> 32) * constant;
  words even_words, odd_words;
  memcpy(&even_words, &even, sizeof even);
  memcpy(&odd_words, &odd, sizeof odd);
  *high = __builtin_shufflevector(
      even_words, odd_words, 1, 17, 3, 19, 5, 21, 7, 23, 9, 25, 11, 27, 13, 29, 15, 31);
  *low = __builtin_shufflevector(
      even_words, odd_words, 0, 16, 2, 18, 4, 20, 6, 22, 8, 24, 10, 26, 12, 28, 14, 30);
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
