#pragma once

#include <stddef.h>
#include <stdint.h>

// The process manager of mpirun and srun, reached through dlopen so that a machine without libpmix runs alone.
// All functions return 0, or a PMIx status (negative), or LOCKSTEP_PMIX_ABSENT.

enum { LOCKSTEP_PMIX_ABSENT = -100000 };

/// Loads libpmix and joins the job. Fails when no launcher started this process.
int lockstep_pmix_join(uint32_t *rank);

/// Reads a number the launcher published about the whole job ("pmix.job.size", "pmix.local.size").
int lockstep_pmix_job_number(const char *key, uint32_t *number);

/// Reads a number the launcher published about one rank ("pmix.lrank").
int lockstep_pmix_rank_number(uint32_t rank, const char *key, uint32_t *number);

/// Publishes bytes of this rank under a key, visible to all ranks after the next exchange.
int lockstep_pmix_publish(const char *key, const void *bytes, size_t count);

/// Waits until all ranks have published, for at most `seconds`.
int lockstep_pmix_exchange(int seconds);

/// Copies what `rank` published under `key`; `*count` holds the room on entry and the size on return.
int lockstep_pmix_fetch(uint32_t rank, const char *key, void *bytes, size_t *count);

/// Whether `rank` has published something under `key`, as far as that is known within `seconds`: 0 if it has.
int lockstep_pmix_has(uint32_t rank, const char *key, int seconds);

/// Leaves the job in order, so that the launcher takes this process's exit for a success.
int lockstep_pmix_leave(void);

/// A PMIx status in words.
const char *lockstep_pmix_words(int status);
