#pragma once

#include <sys/types.h>

// Starts programs that do not outlive the process that started them.

/// Starts the program at `path` in a process group of its own, with default signal handlers, nothing blocked, no standard input, and
/// no open file but standard output and standard error. The kernel sends it SIGTERM when the calling thread's process dies.
/// Returns 0 and the process id, or errno, also where the program itself could not be executed.
int lockstep_spawn(const char *path, char *const arguments[], char *const environment[], pid_t *process);
