#pragma once

#include <stddef.h>

// Counts the heap of a whole program: a program that links this gets an allocator that counts before it allocates.

/// Begins to look for a new peak from the bytes in use now.
void meter_begin(void);

/// By how many bytes the heap grew above what it was at the beginning, at most.
size_t meter_peak(void);

/// Says on standard error what was going on, and ends the program with status 3, when it crashes or an alarm comes. `note` must stay
/// where it is; it is printed as it is at that moment.
void meter_report_crashes(const char *note);
