// The innermost loops of products, for one vector unit. Included with these defined:
//
//   UNIT(x)             the unit's name of x
//   LANES               floats of a vector
//   ROWS, VECTORS       rows of the largest tile, and vectors of its rows
//   MULTIPLY_ADD        the vector c = fma(a, b, c)
//   LOAD_PART(p, n)     the n < LANES floats at p as a vector
//   STORE_PART(p, n, x) the same back
//   FETCH(p)            a hint that the line of p will be read soon, AHEAD steps before
//
// Every element of a tile is one chain over the depth, so its bits depend neither on the width of a vector nor on the
// extents of the tile.

INLINE UNIT(vector) UNIT(load)(const float *from, long count) {
  UNIT(vector) x;
  if (count < LANES) return LOAD_PART(from, count);
  memcpy(&x, from, sizeof x);
  return x;
}

INLINE void UNIT(store)(float *to, long count, UNIT(vector) x) {
  if (count < LANES) {
    STORE_PART(to, count, x);
  } else {
    memcpy(to, &x, sizeof x);
  }
}

INLINE void UNIT(tile)(const int rows, const int vectors, const int is_transposed, const struct tile *t) {
  UNIT(vector) sums[ROWS][VECTORS];
  const long a_stride = t->a_stride, b_stride = t->b_stride, c_stride = t->c_stride, last = t->last;
  const float *const bias = t->bias;
  float *const c = t->c;
  UNROLL for (int i = 0; i < rows; i++) {
    UNROLL for (int v = 0; v < vectors; v++) sums[i][v] = 0;
  }
  if (t->accumulates) {
    UNROLL for (int i = 0; i < rows; i++) {
      UNROLL for (int v = 0; v < vectors; v++) {
        sums[i][v] = UNIT(load)(c + i * c_stride + v * LANES, v + 1 < vectors ? LANES : last);
      }
    }
  }
  // One pointer for three rows: there are too few registers for one each.
  const float *a[(ROWS + 2) / 3];
  UNROLL for (int g = 0; 3 * g < rows; g++) a[g] = t->a + 3 * g * a_stride;
  const float *b = t->b;
  for (long left = t->depth; left > 0; left -= 16) {
    // A line of each row, or of each step, some steps before it is read.
    const float *next = is_transposed ? a[0] + AHEAD * a_stride : a[0] + AHEAD;
    for (long k = left < 16 ? left : 16; k > 0; k--) {
      UNIT(vector) right[VECTORS];
      UNROLL for (int v = 0; v < vectors; v++) memcpy(&right[v], b + v * LANES, sizeof right[v]);
      UNROLL for (int line = 0; line < vectors * LANES; line += 16) FETCH(b + AHEAD * b_stride + line);
      FETCH(next);
      next += a_stride;
      UNROLL for (int i = 0; i < rows; i++) {
        const UNIT(vector) x = is_transposed ? a[0][i] : a[i / 3][i % 3 * a_stride];
        UNROLL for (int v = 0; v < vectors; v++) sums[i][v] = MULTIPLY_ADD(x, right[v], sums[i][v]);
      }
      b += b_stride;
      if (is_transposed) {
        a[0] += a_stride;
      } else {
        UNROLL for (int g = 0; 3 * g < rows; g++) {
          a[g]++;
          OPAQUE(a[g]);
        }
      }
    }
  }
  if (bias) {
    UNROLL for (int v = 0; v < vectors; v++) {
      const UNIT(vector) added = UNIT(load)(bias + v * LANES, v + 1 < vectors ? LANES : last);
      UNROLL for (int i = 0; i < rows; i++) sums[i][v] += added;
    }
  }
  UNROLL for (int i = 0; i < rows; i++) {
    UNROLL for (int v = 0; v < vectors; v++) {
      UNIT(store)(c + i * c_stride + v * LANES, v + 1 < vectors ? LANES : last, sums[i][v]);
    }
  }
}

// Deals the columns of a matrix out to strips.
static void UNIT(deal)(const struct strips *s, const float *from, long stride, long steps, long columns) {
  for (long k = 0; k < steps; k++, from += stride) {
    float *to = s->values + k * s->width;
    for (long first = 0; first < columns; first += s->columns, to += s->distance) {
      const long own = columns - first < s->columns ? columns - first : s->columns;
      FETCH(from + 12 * stride + first);
      FETCH(from + 12 * stride + first + 16);
      for (long i = 0; i < s->width; i += LANES) {
        UNIT(vector) x = 0;
        if (i < own) x = UNIT(load)(from + first + i, own - i);
        memcpy(to + i, &x, sizeof x);
      }
    }
  }
}

// The squares of a transposition, each round of which deals the rows of both halves out by turns.
static void UNIT(transpose)(float *to, long to_stride, const float *from, long from_stride) {
  UNIT(vector) rows[LANES], dealt[LANES];
  UNROLL for (int i = 0; i < LANES; i++) memcpy(&rows[i], from + i * from_stride, sizeof rows[i]);
  UNROLL for (int round = 1; round < LANES; round *= 2) {
    UNROLL for (int i = 0; i < LANES / 2; i++) {
      dealt[2 * i] = LOW(rows[i], rows[i + LANES / 2]);
      dealt[2 * i + 1] = HIGH(rows[i], rows[i + LANES / 2]);
    }
    UNROLL for (int i = 0; i < LANES; i++) rows[i] = dealt[i];
  }
  UNROLL for (int i = 0; i < LANES; i++) memcpy(to + i * to_stride, &rows[i], sizeof rows[i]);
}

#define TILE(rows, vectors)                                                                                        \
  static void UNIT(tile_##rows##_##vectors)(const struct tile *t) { UNIT(tile)(rows, vectors, 0, t); }             \
  static void UNIT(transposed_##rows##_##vectors)(const struct tile *t) { UNIT(tile)(rows, vectors, 1, t); }
#define ENTRY(kind, rows, vectors) [rows - 1][vectors - 1] = UNIT(kind##_##rows##_##vectors)
