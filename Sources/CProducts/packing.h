// Operands in the order in which tiles read them.
#pragma once

#include "units.h"

/// How a product is carried out: which tiles, and what they read.
struct plan {
  const struct unit *unit;
  int element;
  /// Brain16: pairs of terms in 32 bits each, or else widened to floats.
  int is_paired;
  long depth;
  /// Steps of a tile's loop, of the whole depth and of a block of it.
  long steps, block;
  /// Columns of a strip, which a row of a tile takes.
  long strip;
  /// Rows of a tile, rounded up to whole vectors.
  long height;
};

struct plan plan_of(int units, int element, long depth);

/// Packs the columns from `first` up to `end` and the steps from `step` on, as strips [steps][strip].
void pack_right(
    const struct plan *plan, const product_matrix *b, long columns, long first, long end, long step, long steps,
    float *to);

/// Packs some rows: as strips [steps][height] where the operand is transposed, else as [rows][steps].
void pack_left(
    const struct plan *plan, const product_matrix *a, long row, long rows, long step, long steps, float *to);
