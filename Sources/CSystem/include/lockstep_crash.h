#pragma once

#include <stdbool.h>

/// Notes that a descriptor is a socket whose peer must learn of a crash at once, or that it is closed.
void lockstep_crash_watch(int descriptor, bool is_open);

/// Shuts down every noted socket as soon as a signal such as SIGSEGV or SIGABRT ends this process, before the handler that was
/// installed earlier. Swift's backtracer and core dumps keep a crashed process, and so its connections, for seconds.
void lockstep_end_connections_on_crash(void);

/// Whether a crash is ending this process and its connections.
bool lockstep_is_crashing(void);
