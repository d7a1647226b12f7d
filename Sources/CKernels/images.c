#include "kernels_images.h"
#include "vector_math.h"

KERNEL void kernel_add_squared_deviations(
    float *restrict squares, const float *restrict x, const float *restrict mean, long rows, long channels) {
  for (long row = 0; row < rows; row++) {
    for (long i = 0; i < channels; i++) {
      float deviation = x[row * channels + i] - mean[i];
      squares[i] = FMA(deviation, deviation, squares[i]);
    }
  }
}

KERNEL void kernel_add_deviation_products(
    float *restrict sums, float *restrict products, const float *restrict upstream, const float *restrict x,
    const float *restrict mean, long rows, long channels) {
  for (long row = 0; row < rows; row++) {
    for (long i = 0; i < channels; i++) {
      float slope = upstream[row * channels + i];
      sums[i] += slope;
      products[i] = FMA(slope, x[row * channels + i] - mean[i], products[i]);
    }
  }
}

KERNEL void kernel_channel_affine(
    float *restrict y, const float *restrict x, const float *restrict a, const float *restrict b, long rows,
    long channels) {
  for (long row = 0; row < rows; row++) {
    for (long i = 0; i < channels; i++) y[row * channels + i] = FMA(a[i], x[row * channels + i], b[i]);
  }
}

KERNEL void kernel_channel_affine_pair(
    float *restrict gradient, const float *restrict upstream, const float *restrict x, const float *restrict a,
    const float *restrict b, const float *restrict c, long rows, long channels, int accumulates) {
  for (long row = 0; row < rows; row++) {
    for (long i = 0; i < channels; i++) {
      float value = FMA(a[i], upstream[row * channels + i], FMA(b[i], x[row * channels + i], c[i]));
      gradient[row * channels + i] = accumulates ? gradient[row * channels + i] + value : value;
    }
  }
}

INLINE float larger(float a, float b) { return a > b || a != a ? a : b; }

KERNEL void kernel_max_pool(float *restrict y, const float *restrict x, long height, long width, long channels) {
  for (long row = 0; row < height / 2; row++) {
    for (long column = 0; column < width / 2; column++) {
      const float *above = x + (2 * row * width + 2 * column) * channels;
      const float *below = above + width * channels;
      for (long i = 0; i < channels; i++) {
        *y++ = larger(larger(above[i], above[i + channels]), larger(below[i], below[i + channels]));
      }
    }
  }
}

KERNEL void kernel_max_pool_backward(
    float *restrict gradient, const float *restrict upstream, const float *restrict x, long height, long width,
    long channels) {
  for (long row = 0; row < height / 2; row++) {
    for (long column = 0; column < width / 2; column++) {
      const long start = (2 * row * width + 2 * column) * channels;
      for (long i = 0; i < channels; i++) {
        const long places[4] = {
            start + i, start + i + channels, start + i + width * channels, start + i + (width + 1) * channels};
        long best = places[0];
        for (int k = 1; k < 4; k++) best = x[places[k]] > x[best] ? places[k] : best;
        gradient[best] += *upstream++;
      }
    }
  }
}

KERNEL void kernel_spread_rows(
    float *restrict gradient, const float *restrict upstream, float factor, long rows, long channels,
    int accumulates) {
  for (long row = 0; row < rows; row++) {
    for (long i = 0; i < channels; i++) {
      float value = factor * upstream[i];
      gradient[row * channels + i] = accumulates ? gradient[row * channels + i] + value : value;
    }
  }
}
