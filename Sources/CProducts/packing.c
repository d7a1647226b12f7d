#include "packing.h"

// Terms of a block: as many rows of the right operand lie in the cache at a time.
enum { BLOCK = 384 };

static const struct unit *unit_of(int units, int element) {
  switch (units) {
#if defined(__aarch64__)
  // With ARM's flag what is tiny before rounding is zero: its vectors do not multiply bfloat16 as this does.
  case PRODUCT_NEON: return element == PRODUCT_BRAIN16 ? &plain_brain16_unit : &neon_unit;
#endif
#if defined(__x86_64__)
  case PRODUCT_AVX2: return &avx2_unit;
  case PRODUCT_AVX512: return &avx512_unit;
  case PRODUCT_AVX512_BRAIN16: return element == PRODUCT_BRAIN16 ? &avx512_brain16_unit : &avx512_unit;
#endif
  default: return element == PRODUCT_BRAIN16 ? &plain_brain16_unit : &plain_unit;
  }
}

struct plan plan_of(int units, int element, long depth) {
  struct plan plan = {.unit = unit_of(units, element), .element = element, .depth = depth};
  plan.is_paired = element == PRODUCT_BRAIN16 && units == PRODUCT_AVX512_BRAIN16;
  plan.strip = plan.unit->lanes * plan.unit->vectors;
  plan.height = (plan.unit->rows + plan.unit->lanes - 1) / plan.unit->lanes * plan.unit->lanes;
  const long even = (depth + 1) / 2 * 2;
  plan.steps = element == PRODUCT_FLOAT32 ? depth : plan.is_paired ? even / 2 : even;
  const long blocks = (plan.steps + BLOCK - 1) / BLOCK;
  plan.block = blocks > 1 ? ((plan.steps + blocks - 1) / blocks + 1) / 2 * 2 : plan.steps;
  return plan;
}

// MARK: Elements

// A bfloat16 number as a float, denormals as zeros.
INLINE float widened(uint16_t x) {
  const uint32_t bits = (uint32_t)x << 16;
  const uint32_t read = bits & 0x7F800000u ? bits : bits & 0x80000000u;
  float value;
  memcpy(&value, &read, sizeof value);
  return value;
}

// Two terms as one step of 32 bits.
INLINE float pair(uint16_t first, uint16_t second) {
  const uint32_t bits = (uint32_t)first | (uint32_t)second << 16;
  float value;
  memcpy(&value, &bits, sizeof value);
  return value;
}

// One step of some columns, or rows, that lie side by side.
static void copy_step(const struct plan *plan, const uint16_t *values, long stride, long k, long count, float *restrict to) {
  if (plan->is_paired) {
    const uint16_t *first = values + 2 * k * stride, *second = first + stride;
    if (2 * k + 1 < plan->depth) {
      for (long i = 0; i < count; i++) to[i] = pair(first[i], second[i]);
    } else {
      for (long i = 0; i < count; i++) to[i] = pair(first[i], 0);
    }
    return;
  }
  // The second term of a pair comes first.
  const uint16_t *term = values + (k ^ 1) * stride;
  const int is_there = (k ^ 1) < plan->depth;
  for (long i = 0; i < count; i++) to[i] = is_there ? widened(term[i]) : 0;
}

// The steps of stored rows of terms, of which a few columns lie side by side.
static void pack_terms(
    const struct plan *plan, struct strips strips, const product_matrix *x, long first, long columns, long step,
    long steps) {
  if (plan->element == PRODUCT_FLOAT32) {
    plan->unit->deal(&strips, (const float *)x->values + step * x->stride + first, x->stride, steps, columns);
    return;
  }
  enum { PART = 384 };
  float row[PART];
  for (long k = 0; k < steps; k++, strips.values += strips.width) {
    struct strips part = strips;
    const long whole = PART / strips.columns * strips.columns;
    for (long i = 0; i < columns; i += whole, part.values += whole / strips.columns * strips.distance) {
      const long own = columns - i < whole ? columns - i : whole;
      copy_step(plan, (const uint16_t *)x->values + first + i, x->stride, step + k, own, row);
      plan->unit->deal(&part, row, 0, 1, own);
    }
  }
}

// The steps from `step` on of one stored row of terms.
static void pack_row(const struct plan *plan, const void *row, long step, long steps, float *to) {
  const uint16_t *halves = (const uint16_t *)row;
  if (plan->element == PRODUCT_FLOAT32) {
    memcpy(to, (const float *)row + step, sizeof(float) * (size_t)steps);
  } else if (plan->is_paired) {
    const long whole = 2 * (step + steps) > plan->depth ? steps - 1 : steps;
    memcpy(to, halves + 2 * step, sizeof(float) * (size_t)whole);
    if (whole < steps) to[whole] = pair(halves[plan->depth - 1], 0);
  } else {
    const long whole = step + steps > plan->depth ? steps - 2 : steps;
    for (long k = 0; k < whole; k += 2) {
      to[k] = widened(halves[step + k + 1]);
      to[k + 1] = widened(halves[step + k]);
    }
    if (whole < steps) {
      to[whole] = 0;
      to[whole + 1] = widened(halves[plan->depth - 1]);
    }
  }
}

// MARK: The right operand

// Columns that are stored as rows of terms, a few at a time by way of rows that lie in the cache.
static void pack_transposed(
    const struct plan *plan, const product_matrix *b, long first, long columns, long step, long steps, float *to) {
  enum { PART = 64 };
  const int lanes = plan->unit->lanes;
  const long strip = plan->strip;
  const size_t size = plan->element == PRODUCT_FLOAT32 ? sizeof(float) : sizeof(uint16_t);
  float rows[16 * PART];
  for (long column = 0; column < strip; column += lanes) {
    if (column >= columns) {
      for (long k = 0; k < steps; k++) memset(to + k * strip + column, 0, sizeof(float) * (size_t)lanes);
      continue;
    }
    const char *start = (const char *)b->values + (first + column) * b->stride * (long)size;
    const int is_direct = plan->element == PRODUCT_FLOAT32 && columns - column >= lanes;
    for (long k = 0; k < steps; k += PART) {
      const long count = steps - k < PART ? steps - k : PART;
      const float *source = (const float *)start + step + k;
      long source_stride = b->stride;
      if (!is_direct || count % lanes != 0) {
        if (columns - column < lanes || count < PART) memset(rows, 0, sizeof rows);
        for (long i = 0; i < lanes && column + i < columns; i++) {
          pack_row(plan, start + i * b->stride * (long)size, step + k, count, rows + i * PART);
        }
        source = rows;
        source_stride = PART;
      }
      long j = 0;
      for (; j + lanes <= count; j += lanes) {
        plan->unit->transpose(to + (k + j) * strip + column, strip, source + j, source_stride);
      }
      for (; j < count; j++) {
        for (long i = 0; i < lanes; i++) to[(k + j) * strip + column + i] = source[i * source_stride + j];
      }
    }
  }
}

void pack_right(
    const struct plan *plan, const product_matrix *b, long columns, long first, long end, long step, long steps,
    float *to) {
  const long strip = plan->strip;
  if (!b->is_transposed) {
    const struct strips strips = {to, strip, strip, steps * strip};
    pack_terms(plan, strips, b, first, (end < columns ? end : columns) - first, step, steps);
    return;
  }
  for (; first < end; first += strip, to += steps * strip) {
    pack_transposed(plan, b, first, columns - first < strip ? columns - first : strip, step, steps, to);
  }
}

long product_packed_count(int units, int element, long depth, long columns) {
  const struct plan plan = plan_of(units, element, depth);
  return plan.steps * ((columns + plan.strip - 1) / plan.strip * plan.strip);
}

void product_pack(
    int units, int element, const product_matrix *b, long depth, long columns, long first, long end, float *packed) {
  const struct plan plan = plan_of(units, element, depth);
  const long width = (columns + plan.strip - 1) / plan.strip * plan.strip;
  for (long step = 0; step < plan.steps; step += plan.block) {
    const long steps = plan.steps - step < plan.block ? plan.steps - step : plan.block;
    pack_right(&plan, b, columns, first, end, step, steps, packed + step * width + first * steps);
  }
}

// MARK: The left operand

void pack_left(
    const struct plan *plan, const product_matrix *a, long row, long rows, long step, long steps, float *to) {
  if (a->is_transposed) {
    const struct strips strips = {to, plan->unit->rows, plan->height, steps * plan->height};
    pack_terms(plan, strips, a, row, rows, step, steps);
    return;
  }
  const size_t size = plan->element == PRODUCT_FLOAT32 ? sizeof(float) : sizeof(uint16_t);
  for (long i = 0; i < rows; i++) {
    pack_row(plan, (const char *)a->values + (row + i) * a->stride * (long)size, step, steps, to + i * steps);
  }
}
