#include "packing.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

// Columns whose packed block stays in the second-level cache while the rows pass.
enum { CHUNK = 384, BLOCK_FLOATS = 384 * CHUNK };

int product_has_units(int units) {
  switch (units) {
  case PRODUCT_PLAIN: return 1;
#if defined(__aarch64__)
  case PRODUCT_NEON: return 1;
#endif
#if defined(__x86_64__)
  case PRODUCT_AVX2: return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
  case PRODUCT_AVX512:
    return product_has_units(PRODUCT_AVX2) && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
           __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
  case PRODUCT_AVX512_BRAIN16: return product_has_units(PRODUCT_AVX512) && __builtin_cpu_supports("avx512bf16");
#endif
  default: return 0;
  }
}

int product_best_units(void) {
  for (int units = PRODUCT_AVX512_BRAIN16; units > PRODUCT_PLAIN; units--) {
    if (product_has_units(units)) return units;
  }
  return PRODUCT_PLAIN;
}

// A part of a product: some columns and steps.
struct part {
  const product *product;
  const struct plan *plan;
  long first, end, step, steps;
  /// The right operand: strips, or the rows of the matrix itself.
  const float *right;
  long right_stride;
  /// Between two strips.
  long right_next;
  /// Whether tiles read the left operand where it is.
  int reads_left;
};

// Copies of the left operand pay where many strips read them, and where its rows would share few sets of the cache.
static int reads_left(const product *p, const struct plan *plan, long columns) {
  const int is_narrow = columns <= 2 * plan->strip;
  if (plan->element == PRODUCT_FLOAT32) return p->a.is_transposed ? is_narrow : is_narrow || p->a.stride % 1024 != 0;
  return plan->is_paired && !p->a.is_transposed && p->depth % 2 == 0 && p->a.stride % 2 == 0 &&
         (is_narrow || p->a.stride % 2048 != 0);
}

// Has the lines of a few rows brought near that will be written.
static void fetch_to_write(const float *from, long stride, long rows, long count) {
  for (long i = 0; i < rows; i++) {
    for (long k = 0; k < count; k += 16) __builtin_prefetch(from + i * stride + k, 1, 3);
  }
}

// The rows of one tile after another, all columns of the part. `left` are the rows from `row` on, packed, or NULL.
static void multiply_rows(const struct part *part, const float *left, long row, long rows, long rows_behind) {
  const product *p = part->product;
  const struct plan *plan = part->plan;
  const struct unit *unit = plan->unit;
  const int is_transposed = p->a.is_transposed;
  struct tile tile = {
      .depth = part->steps, .b = part->right, .b_stride = part->right_stride, .c_stride = p->c_stride,
      .accumulates = p->accumulates || part->step > 0};
  if (left) {
    tile.a = left;
    tile.a_stride = is_transposed ? plan->height : part->steps;
  } else {
    tile.a_stride = plan->element == PRODUCT_FLOAT32 ? p->a.stride : p->a.stride / 2;
    tile.a = (const float *)p->a.values +
             (is_transposed ? part->step * tile.a_stride + row : row * tile.a_stride + part->step);
  }
  const int has_bias = part->step + part->steps >= plan->steps && p->bias && p->element == PRODUCT_FLOAT32;
  const long strips = (part->end - part->first + plan->strip - 1) / plan->strip;
  for (long strip = 0; strip < strips; strip++, tile.b += part->right_next) {
    const long column = part->first + strip * plan->strip;
    const long own = part->end - column < plan->strip ? part->end - column : plan->strip;
    const long vectors = (own + unit->lanes - 1) / unit->lanes;
    tile.c = p->c + row * p->c_stride + column;
    tile.last = own - (vectors - 1) * unit->lanes;
    tile.bias = has_bias ? p->bias + column : 0;
    if (strip + 1 < strips) {
      fetch_to_write(tile.c + plan->strip, p->c_stride, rows, plan->strip);
    } else if (rows_behind > 0) {
      fetch_to_write(p->c + (row + rows) * p->c_stride + part->first, p->c_stride, rows_behind, plan->strip);
    }
    unit->tiles[is_transposed][rows - 1][vectors - 1](&tile);
  }
}

// Panels whose left operand is packed at a time: of a transposed one, whole lines of memory are read.
enum { GROUP = 4 };

static void multiply_part(const struct part *part, float *scratch) {
  const product *p = part->product;
  const long height = part->plan->unit->rows, total = p->rows;
  const int is_transposed = p->a.is_transposed;
  for (long group = 0; group < total; group += GROUP * height) {
    const long count = total - group < GROUP * height ? total - group : GROUP * height;
    const long panels = (count + height - 1) / height;
    if (!part->reads_left) pack_left(part->plan, &p->a, group, count, part->step, part->steps, scratch);
    for (long i = 0; i < panels; i++) {
      // Strips are of one height; other rows are shared out evenly.
      const int are_strips = is_transposed && !part->reads_left;
      const long first = are_strips ? i * height : count * i / panels;
      const long next = !are_strips ? count * (i + 1) / panels : first + height < count ? first + height : count;
      const float *left = scratch + part->steps * (is_transposed ? i * part->plan->height : first);
      const long behind = total - group - next;
      multiply_rows(
          part, part->reads_left ? 0 : left, group + first, next - first, behind < height ? behind : height);
    }
  }
}

// The columns from `first` up to `end`.
static void multiply_chunk(const product *p, const struct plan *plan, long first, long end, float *scratch) {
  const long width = (p->columns + plan->strip - 1) / plan->strip * plan->strip;
  const int is_direct = !p->packed && !p->b.is_transposed && p->element == PRODUCT_FLOAT32 &&
                        p->rows <= 2 * plan->unit->rows && (end - first) % plan->unit->lanes == 0;
  struct part part = {
      .product = p, .plan = plan, .first = first, .end = end, .reads_left = reads_left(p, plan, end - first)};
  do {
    part.steps = plan->steps - part.step < plan->block ? plan->steps - part.step : plan->block;
    part.right = scratch;
    part.right_stride = plan->strip;
    part.right_next = part.steps * plan->strip;
    if (p->packed) {
      part.right = p->packed + part.step * width + first * part.steps;
    } else if (is_direct) {
      part.right = (const float *)p->b.values + part.step * p->b.stride + first;
      part.right_stride = p->b.stride;
      part.right_next = plan->strip;
    } else {
      pack_right(plan, &p->b, p->columns, first, end, part.step, part.steps, scratch);
    }
    multiply_part(&part, scratch + BLOCK_FLOATS);
    part.step += part.steps;
  } while (part.step < plan->steps);
}

static void multiply(const product *p, const struct plan *plan, float *scratch) {
  for (long first = p->first_column; first < p->end_column; first += CHUNK) {
    multiply_chunk(p, plan, first, p->end_column - first < CHUNK ? p->end_column : first + CHUNK, scratch);
  }
}

static void add_bias(const product *p) {
  for (long row = 0; row < p->rows; row++) {
    float *restrict values = p->c + row * p->c_stride;
    const float *restrict bias = p->bias;
    for (long i = p->first_column; i < p->end_column; i++) values[i] += bias[i];
  }
}

void product_multiply(const product *p, float *scratch) {
  const struct plan plan = plan_of(p->units, p->element, p->depth);
  if (p->element == PRODUCT_FLOAT32) {
    multiply(p, &plan, scratch);
    return;
  }
#if defined(__x86_64__)
  // Where vectors multiply widened numbers, they read and write denormals as zeros.
  const unsigned control = _mm_getcsr();
  const int flushes = !plan.is_paired && p->units != PRODUCT_PLAIN;
  if (flushes) _mm_setcsr(control | 0x8040);
  multiply(p, &plan, scratch);
  if (flushes) _mm_setcsr(control);
#else
  multiply(p, &plan, scratch);
#endif
  if (p->bias) add_bias(p);
}
