#include "lockstep_vectors.h"

#include <string.h>

enum { POLYNOMIAL = 0x82f63b78 };  // 0x1EDC6F41, bits reversed

uint32_t lockstep_crc32c_plain(uint32_t crc, const void *bytes, size_t count) {
  const uint8_t *byte = bytes;
  crc = ~crc;
  for (size_t i = 0; i < count; i++) {
    crc ^= byte[i];
    for (int bit = 0; bit < 8; bit++) crc = (crc >> 1) ^ (crc & 1 ? POLYNOMIAL : 0);
  }
  return ~crc;
}

// In blocks that stay in the nearest cache.
static uint32_t add_by_blocks(
  uint32_t crc, const uint8_t *bytes, float *sum, const float *left, const float *right, size_t count) {
  enum { BLOCK = 1024 };
  for (size_t at = 0; at < count; at += BLOCK) {
    const size_t here = count - at < BLOCK ? count - at : BLOCK;
    crc = lockstep_crc32c(crc, bytes + 4 * at, 4 * here);
    lockstep_add(sum + at, left + at, right + at, here);
  }
  return crc;
}

#if defined(__x86_64__)
#include <immintrin.h>

// Folding (Gopal et al., "Fast CRC Computation for Generic Polynomials Using PCLMULQDQ"): the message is a polynomial; sixteen
// bytes may be replaced by their remainder D bytes further on. For reflected bits the two factors are x^(8D+31) and
// x^(8D-33) modulo the polynomial. The last sixteen bytes go through the crc32 instruction.
#define FACTORS_16 0x00000000493c7d27ll, 0x00000000f20c0dfell
#define FACTORS_64 0x000000009e4addf8ll, 0x00000000740eef02ll
#define FACTORS_256 0x00000000b9e02b86ll, 0x00000000dcb17aa4ll

__attribute__((target("sse4.2"))) static uint32_t finish(uint32_t crc, const uint8_t *byte, size_t count) {
  uint64_t state = crc;
  for (; count >= 8; byte += 8, count -= 8) {
    uint64_t word;
    memcpy(&word, byte, 8);
    state = _mm_crc32_u64(state, word);
  }
  for (; count > 0; byte++, count--) state = _mm_crc32_u8((uint32_t)state, *byte);
  return (uint32_t)state;
}

#define FOLD(lane, factors, next) \
  _mm_xor_si128(next, _mm_xor_si128(_mm_clmulepi64_si128(lane, factors, 0x00), _mm_clmulepi64_si128(lane, factors, 0x11)))

__attribute__((target("sse4.2,pclmul"))) static uint32_t fold_lanes(
  __m128i a, __m128i b, __m128i c, __m128i d, const uint8_t *byte, size_t count) {
  const __m128i factors = _mm_set_epi64x(FACTORS_16);
  b = FOLD(a, factors, b);
  c = FOLD(b, factors, c);
  d = FOLD(c, factors, d);
  uint64_t state = _mm_crc32_u64(0, (uint64_t)_mm_extract_epi64(d, 0));
  state = _mm_crc32_u64(state, (uint64_t)_mm_extract_epi64(d, 1));
  return finish((uint32_t)state, byte, count);
}

__attribute__((target("sse4.2,pclmul"))) static uint32_t fold_128(uint32_t crc, const uint8_t *byte, size_t count) {
  if (count < 128) return finish(crc, byte, count);
  const __m128i factors = _mm_set_epi64x(FACTORS_64);
  const __m128i *block = (const __m128i *)byte;
  __m128i a = _mm_xor_si128(_mm_loadu_si128(block), _mm_cvtsi32_si128((int)crc));
  __m128i b = _mm_loadu_si128(block + 1), c = _mm_loadu_si128(block + 2), d = _mm_loadu_si128(block + 3);
  for (byte += 64, count -= 64; count >= 64; byte += 64, count -= 64) {
    block = (const __m128i *)byte;
    a = FOLD(a, factors, _mm_loadu_si128(block));
    b = FOLD(b, factors, _mm_loadu_si128(block + 1));
    c = FOLD(c, factors, _mm_loadu_si128(block + 2));
    d = FOLD(d, factors, _mm_loadu_si128(block + 3));
  }
  return fold_lanes(a, b, c, d, byte, count);
}

#define FOLD_WIDE(lane, factors, next)                                                          \
  _mm512_ternarylogic_epi64(_mm512_clmulepi64_epi128(lane, factors, 0x00),                      \
                            _mm512_clmulepi64_epi128(lane, factors, 0x11), next, 0x96)

#define AVX512 __attribute__((target("sse4.2,pclmul,avx512f,avx512bw,vpclmulqdq")))

// Floats to add while their bytes pass.
struct addition {
  float *sum;
  const float *left, *right;
};

AVX512 static inline __m512i take(const uint8_t *bytes, size_t at, const struct addition *addition) {
  const __m512i block = _mm512_loadu_si512(bytes + at);
  if (addition) {
    const __m512 left = _mm512_loadu_ps(addition->left + at / 4), right = _mm512_loadu_ps(addition->right + at / 4);
    _mm512_storeu_ps(addition->sum + at / 4, _mm512_add_ps(left, right));
  }
  return block;
}

// Adds in whole steps of 256 bytes, and only if there are two of them.
AVX512 __attribute__((always_inline)) static inline uint32_t fold_512(
  uint32_t crc, const uint8_t *bytes, size_t count, const struct addition *addition) {
  if (count < 512) return fold_128(crc, bytes, count);
  const __m512i factors = _mm512_broadcast_i32x4(_mm_set_epi64x(FACTORS_256));
  __m512i a = _mm512_xor_si512(take(bytes, 0, addition), _mm512_zextsi128_si512(_mm_cvtsi32_si128((int)crc)));
  __m512i b = take(bytes, 64, addition), c = take(bytes, 128, addition), d = take(bytes, 192, addition);
  size_t at = 256;
  for (; at + 256 <= count; at += 256) {
    a = FOLD_WIDE(a, factors, take(bytes, at, addition));
    b = FOLD_WIDE(b, factors, take(bytes, at + 64, addition));
    c = FOLD_WIDE(c, factors, take(bytes, at + 128, addition));
    d = FOLD_WIDE(d, factors, take(bytes, at + 192, addition));
  }
  const __m512i near = _mm512_broadcast_i32x4(_mm_set_epi64x(FACTORS_64));
  b = FOLD_WIDE(a, near, b);
  c = FOLD_WIDE(b, near, c);
  d = FOLD_WIDE(c, near, d);
  return fold_lanes(_mm512_extracti32x4_epi32(d, 0), _mm512_extracti32x4_epi32(d, 1), _mm512_extracti32x4_epi32(d, 2),
                    _mm512_extracti32x4_epi32(d, 3), bytes + at, count - at);
}

AVX512 static uint32_t crc_512(uint32_t crc, const uint8_t *bytes, size_t count) {
  return fold_512(crc, bytes, count, NULL);
}

AVX512 static uint32_t crc_add_512(uint32_t crc, const uint8_t *bytes, const struct addition *addition, size_t count) {
  return fold_512(crc, bytes, count, addition);
}

static int has_avx512(void) { return __builtin_cpu_supports("vpclmulqdq") && __builtin_cpu_supports("avx512bw"); }

uint32_t lockstep_crc32c(uint32_t crc, const void *bytes, size_t count) {
  if (has_avx512()) return ~crc_512(~crc, bytes, count);
  if (__builtin_cpu_supports("pclmul") && __builtin_cpu_supports("sse4.2")) return ~fold_128(~crc, bytes, count);
  return lockstep_crc32c_plain(crc, bytes, count);
}

uint32_t lockstep_crc32c_add(
  uint32_t crc, const void *bytes, float *sum, const float *left, const float *right, size_t count) {
  if (!has_avx512() || count < 128) return add_by_blocks(crc, bytes, sum, left, right, count);
  const struct addition addition = {sum, left, right};
  crc = ~crc_add_512(~crc, bytes, &addition, 4 * count);
  const size_t added = count / 64 * 64;
  lockstep_add(sum + added, left + added, right + added, count - added);
  return crc;
}

#elif defined(__aarch64__)
#include <arm_acle.h>
#include <sys/auxv.h>

__attribute__((target("+crc"))) static uint32_t by_instruction(uint32_t crc, const uint8_t *byte, size_t count) {
  for (; count >= 8; byte += 8, count -= 8) {
    uint64_t word;
    memcpy(&word, byte, 8);
    crc = __crc32cd(crc, word);
  }
  for (; count > 0; byte++, count--) crc = __crc32cb(crc, *byte);
  return crc;
}

uint32_t lockstep_crc32c(uint32_t crc, const void *bytes, size_t count) {
  enum { HAS_CRC32 = 1 << 7 };  // HWCAP_CRC32
  if (getauxval(AT_HWCAP) & HAS_CRC32) return ~by_instruction(~crc, bytes, count);
  return lockstep_crc32c_plain(crc, bytes, count);
}

uint32_t lockstep_crc32c_add(
  uint32_t crc, const void *bytes, float *sum, const float *left, const float *right, size_t count) {
  return add_by_blocks(crc, bytes, sum, left, right, count);
}

#else
uint32_t lockstep_crc32c(uint32_t crc, const void *bytes, size_t count) { return lockstep_crc32c_plain(crc, bytes, count); }

uint32_t lockstep_crc32c_add(
  uint32_t crc, const void *bytes, float *sum, const float *left, const float *right, size_t count) {
  return add_by_blocks(crc, bytes, sum, left, right, count);
}
#endif
