#include "kernels_tokens.h"
#include "vector_math.h"

INLINE void rotate_halves(
    float *result, const float *x, const float *restrict table, float direction, long half, int accumulates) {
  EACH
  for (long i = 0; i < half; i++) {
    const float cosine = table[i], sine = direction * table[half + i], a = x[i], b = x[half + i];
    result[i] = (accumulates ? result[i] : 0.0f) + FMA(a, cosine, -(b * sine));
    result[half + i] = (accumulates ? result[half + i] : 0.0f) + FMA(b, cosine, a * sine);
  }
}

typedef float half_lanes __attribute__((ext_vector_type(8)));

// Eight pairs at a time: each value with its neighbour's, whose sine has the other sign for the first of a pair.
INLINE void rotate_neighbours(
    float *result, const float *x, const float *restrict table, float direction, long half, int accumulates) {
  const lanes signs = {-1, 1, -1, 1, -1, 1, -1, 1, -1, 1, -1, 1, -1, 1, -1, 1};
  long i = 0;
  for (; i + LANES / 2 <= half; i += LANES / 2) {
    half_lanes few;
    lanes values, former = 0;
    load(&values, x + 2 * i);
    if (accumulates) load(&former, result + 2 * i);
    memcpy(&few, table + i, sizeof few);
    const lanes cosines = __builtin_shufflevector(few, few, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7);
    memcpy(&few, table + half + i, sizeof few);
    const lanes sines = __builtin_shufflevector(few, few, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7);
    const lanes others =
        __builtin_shufflevector(values, values, 1, 0, 3, 2, 5, 4, 7, 6, 9, 8, 11, 10, 13, 12, 15, 14);
    former += FMA(values, cosines, others * (sines * signs * direction));
    store(result + 2 * i, &former);
  }
  for (; i < half; i++) {
    const float cosine = table[i], sine = direction * table[half + i], a = x[2 * i], b = x[2 * i + 1];
    result[2 * i] = (accumulates ? result[2 * i] : 0.0f) + FMA(a, cosine, -(b * sine));
    result[2 * i + 1] = (accumulates ? result[2 * i + 1] : 0.0f) + FMA(b, cosine, a * sine);
  }
}

KERNEL void kernel_rotate(
    float *result, const float *x, const float *table, float direction, long heads, long depth, int neighbours,
    int accumulates) {
  for (long head = 0; head < heads; head++) {
    if (neighbours) {
      rotate_neighbours(result + head * depth, x + head * depth, table, direction, depth / 2, accumulates);
    } else {
      rotate_halves(result + head * depth, x + head * depth, table, direction, depth / 2, accumulates);
    }
  }
}

KERNEL void kernel_largest_of_columns(
    float *restrict y, int32_t *restrict place, const float *restrict x, long rows, long columns) {
  for (long i = 0; i < columns; i++) {
    y[i] = x[i];
    place[i] = 0;
  }
  for (long row = 1; row < rows; row++) {
    const float *values = x + row * columns;
    for (long i = 0; i < columns; i++) {
      // Written so that NaN stays NaN.
      const int is_larger = values[i] > y[i] || values[i] != values[i];
      y[i] = is_larger ? values[i] : y[i];
      place[i] = is_larger ? (int32_t)row : place[i];
    }
  }
}

KERNEL void kernel_add_matrix(
    float *restrict result, long stride, const float *restrict x, long x_stride, long rows, long columns,
    int accumulates) {
  for (long row = 0; row < rows; row++) {
    float *restrict target = result + row * stride;
    const float *restrict values = x + row * x_stride;
    if (accumulates) {
      for (long i = 0; i < columns; i++) target[i] += values[i];
    } else {
      for (long i = 0; i < columns; i++) target[i] = values[i];
    }
  }
}

// Sixteen rows become sixteen columns: in four rounds, each of which exchanges halves of ever smaller blocks.
#define ROUND(distance, low, high)                                       \
  for (int i = 0; i < LANES; i++) {                                      \
    if (i & distance) continue;                                          \
    const lanes a = block[i], b = block[i + distance];                   \
    block[i] = low(a, b);                                                \
    block[i + distance] = high(a, b);                                    \
  }
#define LOW8(a, b) __builtin_shufflevector(a, b, 0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23)
#define HIGH8(a, b) __builtin_shufflevector(a, b, 8, 9, 10, 11, 12, 13, 14, 15, 24, 25, 26, 27, 28, 29, 30, 31)
#define LOW4(a, b) __builtin_shufflevector(a, b, 0, 1, 2, 3, 16, 17, 18, 19, 8, 9, 10, 11, 24, 25, 26, 27)
#define HIGH4(a, b) __builtin_shufflevector(a, b, 4, 5, 6, 7, 20, 21, 22, 23, 12, 13, 14, 15, 28, 29, 30, 31)
#define LOW2(a, b) __builtin_shufflevector(a, b, 0, 1, 16, 17, 4, 5, 20, 21, 8, 9, 24, 25, 12, 13, 28, 29)
#define HIGH2(a, b) __builtin_shufflevector(a, b, 2, 3, 18, 19, 6, 7, 22, 23, 10, 11, 26, 27, 14, 15, 30, 31)
#define LOW1(a, b) __builtin_shufflevector(a, b, 0, 16, 2, 18, 4, 20, 6, 22, 8, 24, 10, 26, 12, 28, 14, 30)
#define HIGH1(a, b) __builtin_shufflevector(a, b, 1, 17, 3, 19, 5, 21, 7, 23, 9, 25, 11, 27, 13, 29, 15, 31)

INLINE void add_transposed_block(float *result, long stride, const float *x, long x_stride, int accumulates) {
  lanes block[LANES];
  for (int i = 0; i < LANES; i++) load(&block[i], x + i * x_stride);
  ROUND(8, LOW8, HIGH8)
  ROUND(4, LOW4, HIGH4)
  ROUND(2, LOW2, HIGH2)
  ROUND(1, LOW1, HIGH1)
  for (int i = 0; i < LANES; i++) {
    if (accumulates) {
      lanes former;
      load(&former, result + i * stride);
      block[i] += former;
    }
    store(result + i * stride, &block[i]);
  }
}

KERNEL void kernel_add_transposed(
    float *restrict result, long stride, const float *restrict x, long x_stride, long rows, long columns,
    int accumulates) {
  const long whole_rows = rows / LANES * LANES, whole_columns = columns / LANES * LANES;
  for (long row = 0; row < whole_rows; row += LANES) {
    for (long column = 0; column < whole_columns; column += LANES) {
      add_transposed_block(
          result + row * stride + column, stride, x + column * x_stride + row, x_stride, accumulates);
    }
  }
  for (long row = 0; row < rows; row++) {
    for (long column = row < whole_rows ? whole_columns : 0; column < columns; column++) {
      float *target = result + row * stride + column;
      *target = (accumulates ? *target : 0.0f) + x[column * x_stride + row];
    }
  }
}
