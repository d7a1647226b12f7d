// Row by row of a dense matrix [rows, columns]. Each row's sums run in sixteen lanes folded in one order.
#pragma once

#include <stdint.h>

/// Normalises rows: y = normalized * scale + shift. `normalized` holds x on entry and (x - mean) / √(variance +
/// epsilon) on return; `inverse` [rows] receives 1 / √(variance + epsilon).
void kernel_layer_norm(
    float *y, float *normalized, float *inverse, const float *scale, const float *shift, float epsilon, long rows,
    long columns);

/// y = normalized * scale + shift, the same bits as kernel_layer_norm gave.
void kernel_scale_and_shift(
    float *y, const float *normalized, const float *scale, const float *shift, long rows, long columns);

/// gradient = the derivative by x of layer norm, given `upstream` by y; `gradient` may be `upstream` itself.
void kernel_layer_norm_backward(
    float *gradient, const float *upstream, const float *normalized, const float *inverse, const float *scale,
    long rows, long columns);

/// sums [columns] += the rows of x, in order.
void kernel_add_column_sums(float *sums, const float *x, long rows, long columns);

/// sums [columns] += the rows of a * b, in order.
void kernel_add_product_column_sums(float *sums, const float *a, const float *b, long rows, long columns);

/// Rows of x become softmax(factor * x) in place; `largest` and `inverse` [rows] receive each row's largest x and
/// 1 / Σ e^(factor * (x - largest)). Rows are `stride` apart.
void kernel_softmax(float *x, float *largest, float *inverse, float factor, long rows, long columns, long stride);

/// Rows of x become e^(factor * (x - largest)) * inverse in place: the same bits as kernel_softmax gave.
void kernel_softmax_again(
    float *x, const float *largest, const float *inverse, float factor, long rows, long columns, long stride);

/// gradient = factor * p * (gradient - Σ gradient * p), in place: the derivative of kernel_softmax by x.
void kernel_softmax_backward(float *gradient, const float *p, float factor, long rows, long columns, long stride);
