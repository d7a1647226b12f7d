#include "COptimizerKernels.h"
#include "multiversioned.h"

#pragma STDC FP_CONTRACT OFF

MULTIVERSIONED
void adamw_update(float *restrict weights, const float *restrict gradients, float *restrict first_moment,
                  float *restrict second_moment, size_t count, adamw_coefficients c) {
  for (size_t i = 0; i < count; i++) {
    const float gradient = gradients[i] * c.gradient_factor;
    const float first = first_moment[i] + c.first_gain * (gradient - first_moment[i]);
    const float second = c.second_decay * second_moment[i] + (c.second_gain * gradient) * gradient;
    first_moment[i] = first;
    second_moment[i] = second;
    // The builtin, unlike sqrtf, does not set errno and so can be vectorised.
    const float denominator = __builtin_elementwise_sqrt(second) * c.denominator_factor + c.epsilon;
    weights[i] -= c.step_size * (first / denominator) + c.weight_decay * weights[i];
  }
}

MULTIVERSIONED
void sgd_update(float *restrict weights, const float *restrict gradients, size_t count, sgd_coefficients c) {
  for (size_t i = 0; i < count; i++) {
    const float gradient = gradients[i] * c.gradient_factor + c.weight_decay * weights[i];
    weights[i] -= c.learning_rate * gradient;
  }
}

MULTIVERSIONED
void sgd_momentum_update(float *restrict weights, const float *restrict gradients, float *restrict momentum,
                         size_t count, sgd_coefficients c) {
  for (size_t i = 0; i < count; i++) {
    const float gradient = gradients[i] * c.gradient_factor + c.weight_decay * weights[i];
    momentum[i] = c.momentum * momentum[i] + gradient;
    weights[i] -= c.learning_rate * momentum[i];
  }
}

MULTIVERSIONED
void sgd_nesterov_update(float *restrict weights, const float *restrict gradients, float *restrict momentum,
                         size_t count, sgd_coefficients c) {
  for (size_t i = 0; i < count; i++) {
    const float gradient = gradients[i] * c.gradient_factor + c.weight_decay * weights[i];
    momentum[i] = c.momentum * momentum[i] + gradient;
    weights[i] -= c.learning_rate * (gradient + c.momentum * momentum[i]);
  }
}

MULTIVERSIONED
void pull_back(float *restrict fast, float *restrict slow, size_t count, float fraction) {
  for (size_t i = 0; i < count; i++) {
    slow[i] += fraction * (fast[i] - slow[i]);
    fast[i] = slow[i];
  }
}

MULTIVERSIONED
void move_toward(float *restrict average, const float *restrict values, size_t count, float fraction) {
  for (size_t i = 0; i < count; i++) average[i] += fraction * (values[i] - average[i]);
}
