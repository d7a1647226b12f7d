#include "lockstep_vectors.h"

#if defined(__x86_64__)
#define CLONED __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define CLONED
#endif

CLONED void lockstep_add(float *sum, const float *left, const float *right, size_t count) {
#pragma clang loop vectorize(assume_safety)
  for (size_t i = 0; i < count; i++) sum[i] = left[i] + right[i];
}

CLONED void lockstep_add_twice(float *sum, float *copy, const float *left, const float *right, size_t count) {
#pragma clang loop vectorize(assume_safety)
  for (size_t i = 0; i < count; i++) {
    const float value = left[i] + right[i];
    sum[i] = value;
    copy[i] = value;
  }
}
