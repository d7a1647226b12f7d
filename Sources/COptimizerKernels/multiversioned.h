#pragma once

// Compiles a function for several processors; the loader picks one. Elsewhere than on x86-64 the baseline has vectors.
#if defined(__x86_64__) && defined(__linux__)
#define MULTIVERSIONED __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define MULTIVERSIONED
#endif
