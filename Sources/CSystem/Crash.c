#define _GNU_SOURCE
#include "lockstep_crash.h"

#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>

enum { most_descriptors = 1 << 16, signals = 6 };

static const int crashes[signals] = {SIGILL, SIGTRAP, SIGSEGV, SIGBUS, SIGFPE, SIGABRT};
static struct sigaction earlier[signals];
static atomic_uint_least64_t sockets[most_descriptors / 64];
static atomic_bool crashing;

void lockstep_crash_watch(int descriptor, bool is_open) {
  if (descriptor < 0 || descriptor >= most_descriptors) return;
  uint64_t bit = UINT64_C(1) << (descriptor % 64);
  if (is_open) {
    atomic_fetch_or_explicit(&sockets[descriptor / 64], bit, memory_order_relaxed);
  } else {
    atomic_fetch_and_explicit(&sockets[descriptor / 64], ~bit, memory_order_relaxed);
  }
}

// shutdown is safe in a signal handler, and reaches the peer although a child process holds the descriptor as well.
static void end_connections(void) {
  for (int word = 0; word < most_descriptors / 64; word++) {
    uint64_t open = atomic_load_explicit(&sockets[word], memory_order_relaxed);
    for (; open != 0; open &= open - 1) shutdown(word * 64 + __builtin_ctzll(open), SHUT_RDWR);
  }
}

bool lockstep_is_crashing(void) { return atomic_load(&crashing); }

static void on_crash(int signal, siginfo_t *info, void *context) {
  // Before the first connection ends: threads that still run must not take it for a peer's death, and say so to others.
  atomic_store(&crashing, true);
  end_connections();
  for (int i = 0; i < signals; i++) {
    if (crashes[i] != signal) continue;
    if (earlier[i].sa_flags & SA_SIGINFO) {
      earlier[i].sa_sigaction(signal, info, context);
    } else if (earlier[i].sa_handler != SIG_DFL && earlier[i].sa_handler != SIG_IGN) {
      earlier[i].sa_handler(signal);
    } else {
      // The instruction is executed again, or abort raises again, and ends the process as it would have.
      sigaction(signal, &earlier[i], NULL);
      if (info->si_code <= 0) raise(signal);
    }
    return;
  }
}

void lockstep_end_connections_on_crash(void) {
  static atomic_flag installed = ATOMIC_FLAG_INIT;
  if (atomic_flag_test_and_set(&installed)) return;
  struct sigaction action;
  memset(&action, 0, sizeof action);
  action.sa_sigaction = on_crash;
  action.sa_flags = SA_SIGINFO | SA_ONSTACK;
  sigemptyset(&action.sa_mask);
  for (int i = 0; i < signals; i++) {
    if (sigaction(crashes[i], NULL, &earlier[i]) == 0) sigaction(crashes[i], &action, NULL);
  }
}
