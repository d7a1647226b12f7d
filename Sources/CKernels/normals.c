#include "kernels_random.h"
#include "philox.h"

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
  p = FMA(p, z, 1.0 / 19);
  p = FMA(p, z, 1.0 / 17);
  p = FMA(p, z, 1.0 / 15);
  p = FMA(p, z, 1.0 / 13);
  p = FMA(p, z, 1.0 / 11);
  p = FMA(p, z, 1.0 / 9);
  p = FMA(p, z, 1.0 / 7);
  p = FMA(p, z, 1.0 / 5);
  p = FMA(p, z, 1.0 / 3);
  return FMA(e, 0.6931471805599453, 2 * s + 2 * s * z * p);
}

// Cosine and sine of 2π (word + ½) / 2^32: the nearest quarter turn, and Taylor's series of the exact rest.
INLINE void turn(uint32_t word, double *cosine, double *sine) {
  const uint32_t quarter = (word >> 30) + (word >> 29 & 1);
  const double rest = ((double)word + 0.5) * 0x1p-30 - (double)quarter;
  const double x = rest * 1.5707963267948966, z = x * x;
  double s = -1.0 / 1307674368000, c = 1.0 / 20922789888000;
  s = FMA(s, z, 1.0 / 6227020800);
  s = FMA(s, z, -1.0 / 39916800);
  s = FMA(s, z, 1.0 / 362880);
  s = FMA(s, z, -1.0 / 5040);
  s = FMA(s, z, 1.0 / 120);
  s = FMA(s, z, -1.0 / 6);
  s = FMA(s * z, x, x);
  c = FMA(c, z, -1.0 / 87178291200);
  c = FMA(c, z, 1.0 / 479001600);
  c = FMA(c, z, -1.0 / 3628800);
  c = FMA(c, z, 1.0 / 40320);
  c = FMA(c, z, -1.0 / 720);
  c = FMA(c, z, 1.0 / 24);
  c = FMA(c, z, -0.5);
  c = FMA(c, z, 1.0);
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
