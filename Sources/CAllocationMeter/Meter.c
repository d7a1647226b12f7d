#define _GNU_SOURCE
#include "CAllocationMeter.h"

#include <errno.h>
#include <malloc.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

// The allocator of glibc by its other names, which stay reachable when the usual ones are taken.
extern void *__libc_malloc(size_t);
extern void *__libc_calloc(size_t, size_t);
extern void *__libc_realloc(void *, size_t);
extern void *__libc_memalign(size_t, size_t);
extern void __libc_free(void *);

static atomic_size_t in_use, peak, beginning;

static void *grown(void *memory) {
  if (!memory) return NULL;
  size_t size = malloc_usable_size(memory);
  size_t now = atomic_fetch_add_explicit(&in_use, size, memory_order_relaxed) + size;
  if (now > atomic_load_explicit(&peak, memory_order_relaxed)) atomic_store_explicit(&peak, now, memory_order_relaxed);
  return memory;
}

static void shrunk(void *memory) {
  if (memory) atomic_fetch_sub_explicit(&in_use, malloc_usable_size(memory), memory_order_relaxed);
}

void *malloc(size_t size) { return grown(__libc_malloc(size)); }
void *calloc(size_t count, size_t size) { return grown(__libc_calloc(count, size)); }
void *memalign(size_t alignment, size_t size) { return grown(__libc_memalign(alignment, size)); }
void *aligned_alloc(size_t alignment, size_t size) { return grown(__libc_memalign(alignment, size)); }

int posix_memalign(void **memory, size_t alignment, size_t size) {
  *memory = grown(__libc_memalign(alignment, size));
  return *memory ? 0 : ENOMEM;
}

void *realloc(void *memory, size_t size) {
  shrunk(memory);
  void *larger = __libc_realloc(memory, size);
  if (larger) return grown(larger);
  if (size > 0) grown(memory);
  return NULL;
}

void free(void *memory) {
  shrunk(memory);
  __libc_free(memory);
}

void meter_begin(void) {
  size_t now = atomic_load(&in_use);
  atomic_store(&beginning, now);
  atomic_store(&peak, now);
}

size_t meter_peak(void) { return atomic_load(&peak) - atomic_load(&beginning); }

static const char *crash_note = "";

static void on_crash(int number) {
  static const char words[] = "fuzz: crashed, trapped or took too long: ";
  if (write(2, words, sizeof words - 1) < 0 || write(2, crash_note, strlen(crash_note)) < 0 || write(2, "\n", 1) < 0) _exit(4);
  (void)number;
  _exit(3);
}

void meter_report_crashes(const char *note) {
  crash_note = note;
  // A stack that overflows leaves no room for its own handler.
  static char room[1 << 16];
  stack_t stack = {.ss_sp = room, .ss_size = sizeof room};
  sigaltstack(&stack, NULL);
  struct sigaction action;
  memset(&action, 0, sizeof action);
  action.sa_handler = on_crash;
  action.sa_flags = SA_ONSTACK;
  const int signals[] = {SIGSEGV, SIGBUS, SIGILL, SIGTRAP, SIGABRT, SIGFPE, SIGALRM};
  for (size_t i = 0; i < sizeof signals / sizeof *signals; i++) sigaction(signals[i], &action, NULL);
}
