#pragma once

#include <stddef.h>
#include <stdint.h>

// Single passes over the memory of weights, gradients and optimizer state.
//
// Every function gives the same bits on every processor, whatever the vector width and however a range is cut into
// calls: products and sums are rounded one by one (no contraction to fused multiply-add), in the order written.

typedef struct {
  float gradient_factor;     // the gradient is read as gradients[i] * gradient_factor
  float first_gain;          // 1 - beta1
  float second_decay;        // beta2
  float second_gain;         // 1 - beta2
  float denominator_factor;  // 1 / sqrt(bias correction of the second moment)
  float epsilon;
  float step_size;     // learning rate / bias correction of the first moment
  float weight_decay;  // learning rate * decay: the share of the weight that is removed
} adamw_coefficients;

void adamw_update(float *restrict weights, const float *restrict gradients, float *restrict first_moment,
                  float *restrict second_moment, size_t count, adamw_coefficients coefficients);

typedef struct {
  float gradient_factor;
  float weight_decay;  // coupled: added to the gradient as weight_decay * weight
  float momentum;
  float learning_rate;
} sgd_coefficients;

void sgd_update(float *restrict weights, const float *restrict gradients, size_t count, sgd_coefficients coefficients);

void sgd_momentum_update(float *restrict weights, const float *restrict gradients, float *restrict momentum,
                         size_t count, sgd_coefficients coefficients);

void sgd_nesterov_update(float *restrict weights, const float *restrict gradients, float *restrict momentum,
                         size_t count, sgd_coefficients coefficients);

// slow += fraction * (fast - slow); fast = slow
void pull_back(float *restrict fast, float *restrict slow, size_t count, float fraction);

// average += fraction * (values - average)
void move_toward(float *restrict average, const float *restrict values, size_t count, float fraction);

// The sum of (values[i] * factor)^2 in 16 lanes of double, element i in lane i mod 16, lanes added as a binary tree.
double sum_of_squares(const float *values, size_t count, float factor);

// A 64-bit hash of bytes; hash.c states the definition.
uint64_t hash_bytes(const void *bytes, size_t count);
