#include "COptimizerKernels.h"
#include "multiversioned.h"

enum { LANES = 16 };

MULTIVERSIONED
double sum_of_squares(const float *values, size_t count, float factor) {
  // The square of a float is exact in double, so a fused multiply-add would change nothing here.
  double lanes[LANES] = {0};
  size_t i = 0;
  for (; i + LANES <= count; i += LANES) {
    for (size_t lane = 0; lane < LANES; lane++) {
      const double value = values[i + lane] * factor;
      lanes[lane] += value * value;
    }
  }
  for (size_t lane = 0; i + lane < count; lane++) {
    const double value = values[i + lane] * factor;
    lanes[lane] += value * value;
  }
  for (size_t half = LANES / 2; half > 0; half /= 2) {
    for (size_t lane = 0; lane < half; lane++) lanes[lane] += lanes[lane + half];
  }
  return lanes[0];
}
