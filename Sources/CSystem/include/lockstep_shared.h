#pragma once

#include <stddef.h>
#include <stdint.h>

// Memory that processes of one host share, and the order in which they see each other's writes to it.

/// Makes anonymous memory of a fixed size, `bytes` of it there from the start, the rest from when it is taken; returns a
/// descriptor, or -1 with errno.
int lockstep_shared_memory(size_t bytes, size_t rest);

/// Opens the memory that another process holds under its own descriptor; -1 with errno.
int lockstep_open_shared_memory(uint32_t process, uint32_t descriptor);

/// Reads a word that another process writes; what it wrote before is seen afterwards.
static inline uint64_t lockstep_load(const uint64_t *word) { return __atomic_load_n(word, __ATOMIC_ACQUIRE); }

/// Writes a word that other processes read, after all that was written before, and before all that is read later.
static inline void lockstep_store(uint64_t *word, uint64_t value) { __atomic_store_n(word, value, __ATOMIC_SEQ_CST); }
