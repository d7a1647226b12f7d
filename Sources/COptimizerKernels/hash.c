#include "COptimizerKernels.h"
#include "multiversioned.h"

#include <string.h>

// The definition, which must not change: hashes of different machines and versions are compared.
//
// The bytes are read as little-endian 64-bit words, padded with zeros to a multiple of 32 words. Lane j of 32 starts
// from (j + 1) * INCREMENT and takes words j, j + 32, j + 64 … by  lane = rotate_left((lane ^ word) * MULTIPLIER, 31).
// Each step is a bijection, so a single changed word always changes its lane; the rotation brings what the product
// pushed to the high bits (signs and exponents) down again, so that two flipped signs cannot cancel.
// Then  hash = finish(hash ^ lane)  over the lanes in order, starting from the number of bytes, where finish is the
// finalizer of SplitMix64 (Steele, Lea, Flood: Fast splittable pseudorandom number generators, 2014).

#define MULTIPLIER UINT64_C(0x9E3779B185EBCA87)
#define INCREMENT UINT64_C(0xC2B2AE3D27D4EB4F)

enum { LANES = 32, STRIPE = LANES * sizeof(uint64_t) };

static inline void absorb(uint64_t *restrict lanes, const char *restrict bytes) {
  for (size_t j = 0; j < LANES; j++) {
    uint64_t word;
    memcpy(&word, bytes + j * sizeof word, sizeof word);
    const uint64_t product = (lanes[j] ^ word) * MULTIPLIER;
    lanes[j] = product << 31 | product >> 33;
  }
}

static inline uint64_t finish(uint64_t hash) {
  hash = (hash ^ hash >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
  hash = (hash ^ hash >> 27) * UINT64_C(0x94D049BB133111EB);
  return hash ^ hash >> 31;
}

MULTIVERSIONED
uint64_t hash_bytes(const void *bytes, size_t count) {
  uint64_t lanes[LANES];
  for (size_t j = 0; j < LANES; j++) lanes[j] = (j + 1) * INCREMENT;

  const char *next = bytes;
  size_t remaining = count;
  for (; remaining >= STRIPE; remaining -= STRIPE, next += STRIPE) absorb(lanes, next);
  if (remaining > 0) {
    char padded[STRIPE] = {0};
    memcpy(padded, next, remaining);
    absorb(lanes, padded);
  }

  uint64_t hash = count;
  for (size_t j = 0; j < LANES; j++) hash = finish(hash ^ lanes[j]);
  return hash;
}
