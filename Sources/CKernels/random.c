#include "kernels_random.h"
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
    uint16_t *halves, const uint32_t *row, const uint32_t *outer, long rows, long columns, uint32_t key0,
    uint32_t key1) {
  const long blocks = (columns + 7) / 8;
  const long count = rows * blocks;
  struct place next = {0, 0};
  for (long start = 0; start < count; start += LANES) {
    words counter[4], drawn[4];
    next_counters(counter, &next, row, outer, rows, blocks);
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

INLINE double double_from_bits(uint64_t bits) {
  double value;
  memcpy(&value, &bits, sizeof value);
  return value;
}

INLINE uint64_t bits_of_double(double value) {
  uint64_t bits;
  memcpy(&bits, &value, sizeof bits);
  return bits;
}

// ln x for normal x > 0, within 2 units in the last place: x = m 2^e with m between √½ and √2, and the series of
// 2 artanh s at s = (m - 1) / (m + 1).
INLINE double logarithm(double x) {
  const uint64_t half_root = 0x3FE6A09E667F3BCDu, one = 0x3FF0000000000000u;
  const uint64_t shifted = bits_of_double(x) + (one - half_root);
  const double e = (double)((int32_t)(shifted >> 52) - 1023);
  const double m = double_from_bits((shifted & 0xFFFFFFFFFFFFFu) + half_root);
  const double s = (m - 1) / (m + 1), z = s * s;
  double p = 1.0 / 21;
  p = p * z + 1.0 / 19;
  p = p * z + 1.0 / 17;
  p = p * z + 1.0 / 15;
  p = p * z + 1.0 / 13;
  p = p * z + 1.0 / 11;
  p = p * z + 1.0 / 9;
  p = p * z + 1.0 / 7;
  p = p * z + 1.0 / 5;
  p = p * z + 1.0 / 3;
  return e * 0.6931471805599453 + (2 * s + 2 * s * z * p);
}

// Cosine and sine of 2π (word + ½) / 2^32: the nearest quarter turn, and Taylor's series of the exact rest.
INLINE void turn(uint32_t word, double *cosine, double *sine) {
  const uint32_t quarter = (word >> 30) + (word >> 29 & 1);
  const double rest = ((double)word + 0.5) * 0x1p-30 - (double)quarter;
  const double x = rest * 1.5707963267948966, z = x * x;
  double s = -1.0 / 1307674368000, c = 1.0 / 20922789888000;
  s = s * z + 1.0 / 6227020800;
  s = s * z - 1.0 / 39916800;
  s = s * z + 1.0 / 362880;
  s = s * z - 1.0 / 5040;
  s = s * z + 1.0 / 120;
  s = s * z - 1.0 / 6;
  s = s * z * x + x;
  c = c * z - 1.0 / 87178291200;
  c = c * z + 1.0 / 479001600;
  c = c * z - 1.0 / 3628800;
  c = c * z + 1.0 / 40320;
  c = c * z - 1.0 / 720;
  c = c * z + 1.0 / 24;
  c = c * z - 0.5;
  c = c * z + 1.0;
  const double along = quarter & 1 ? s : c, across = quarter & 1 ? c : s;
  *cosine = (quarter + 1) & 2 ? -along : along;
  *sine = quarter & 2 ? -across : across;
}

KERNEL void kernel_normals(float *values, long count, uint32_t key0, uint32_t key1) {
  for (long start = 0; start < count; start += 4 * LANES) {
    uint32_t places[2][LANES];
    for (int lane = 0; lane < LANES; lane++) {
      const uint64_t block = (uint64_t)(start / 4 + lane);
      places[0][lane] = (uint32_t)block;
      places[1][lane] = (uint32_t)(block >> 32);
    }
    words counter[4] = {0};
    memcpy(counter, places, sizeof places);
    philox(counter, key0, key1);
    uint32_t drawn[4][LANES];
    memcpy(drawn, counter, sizeof drawn);
    float normals[LANES][4];
    for (int pair = 0; pair < 4; pair += 2) {
      EACH
      for (int lane = 0; lane < LANES; lane++) {
        double cosine, sine;
        turn(drawn[pair + 1][lane], &cosine, &sine);
        const double radius = __builtin_elementwise_sqrt(-2 * logarithm(((double)drawn[pair][lane] + 0.5) * 0x1p-32));
        normals[lane][pair] = (float)(radius * cosine);
        normals[lane][pair + 1] = (float)(radius * sine);
      }
    }
    const long left = count - start;
    memcpy(values + start, normals, sizeof(float) * (size_t)(left < 4 * LANES ? left : 4 * LANES));
  }
}
