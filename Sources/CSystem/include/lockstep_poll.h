#pragma once

#include <stdint.h>

// epoll, eventfd and accept4, which Swift's Glibc module leaves out. Descriptors are closed on exec; failures are -1 with errno.

/// Makes an epoll set.
int lockstep_poller(void);

/// Adds a descriptor: level-triggered for reading, or edge-triggered for every change.
int lockstep_poller_watch(int poller, int descriptor, int edges);

/// Takes a descriptor out again.
void lockstep_poller_forget(int poller, int descriptor);

/// Sleeps until something happens or the time is up.
void lockstep_poller_wait(int poller, int milliseconds);

/// Makes a non-blocking eventfd.
int lockstep_event(void);

/// Takes a connection from a listening socket, non-blocking.
int lockstep_accept(int listener);
