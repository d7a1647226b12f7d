#pragma once

#include <stdbool.h>
#include <stdint.h>

/// Catches SIGTERM, SIGINT and SIGUSR1: each sets the request flag and, if `event >= 0`, adds one to that eventfd.
/// The second SIGTERM or SIGINT ends the process at once. Ignores SIGPIPE and SIGXFSZ. Returns 0 or errno.
int lockstep_catch_stop_signals(int event);

/// Whether one of the caught signals has arrived.
bool lockstep_stop_requested(void);

/// Sets the flag as a signal would, or clears it.
void lockstep_set_stop_requested(bool requested);

/// Asks the kernel to send SIGKILL to this process when its parent dies. Returns 0 or errno.
int lockstep_die_with_parent(void);

/// Stops this process as SIGSTOP does; a child of it sends SIGCONT after that time.
void lockstep_stop_for(int milliseconds);

/// One pause instruction, for short spins.
void lockstep_pause(void);
