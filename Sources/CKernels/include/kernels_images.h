// Images stored channels last: [images, height, width, channels].
#pragma once

/// Batch norm's second sums. squares [channels] += (x - mean)², row after row.
void kernel_add_squared_deviations(float *squares, const float *x, const float *mean, long rows, long channels);

/// sums [channels] += upstream and products [channels] += upstream * (x - mean), row after row.
void kernel_add_deviation_products(
    float *sums, float *products, const float *upstream, const float *x, const float *mean, long rows, long channels);

/// y = a * x + b, channel by channel.
void kernel_channel_affine(float *y, const float *x, const float *a, const float *b, long rows, long channels);

/// gradient (+)= a * upstream + b * x + c, channel by channel.
void kernel_channel_affine_pair(
    float *gradient, const float *upstream, const float *x, const float *a, const float *b, const float *c, long rows,
    long channels, int accumulates);

/// The largest of each 2 × 2 square of one image; an odd last row or column is left out.
void kernel_max_pool(float *y, const float *x, long height, long width, long channels);

/// gradient += upstream at the first largest value of each square.
void kernel_max_pool_backward(
    float *gradient, const float *upstream, const float *x, long height, long width, long channels);

/// gradient [rows, channels] (+)= factor * upstream [channels]
void kernel_spread_rows(
    float *gradient, const float *upstream, float factor, long rows, long channels, int accumulates);
