#pragma once

#include <sys/types.h>

// Starts programs that do not outlive the process that started them.

/// Starts the program at `path` in its own process group, with default signal handlers, nothing blocked, and no
/// open file but its standard streams. `streams` are descriptors for standard input, output and error; in place of -1 there is nothing
/// to read, or this process's own. The kernel sends it SIGTERM when the calling thread's process dies.
/// Returns 0 and the process id, or errno, also where the program itself could not be executed.
int lockstep_spawn(const char *path, char *const arguments[], char *const environment[], const int streams[3],
                   pid_t *process);
