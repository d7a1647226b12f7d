#pragma once

#include <stddef.h>

// Open MPI, reached through dlopen, so that a program which sums by itself needs none. One thread calls all of these.
// They return 0, or MPI's own code (positive), or CMPI_ABSENT.

enum { CMPI_ABSENT = -1 };

/// Loads libmpi. Changes nothing else in this process.
int cmpi_load(void);

/// Starts MPI, if that is not done, and says which of the processes of its world this one is; all of them together.
int cmpi_start(int *rank, int *size);

/// Sums floats over all processes of the world, in place.
int cmpi_sum(float *values, size_t count);

/// Ends MPI, if it was started; all processes together. It cannot be started again.
int cmpi_stop(void);

/// A code in words; they are good until the next call.
const char *cmpi_words(int code);
