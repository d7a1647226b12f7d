#define _GNU_SOURCE
#include "lockstep_process.h"

#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static atomic_bool requested;
static atomic_int terminations;
static atomic_int stop_event = -1;

static void on_signal(int signal) {
  int saved = errno;
  if (signal != SIGUSR1 && atomic_fetch_add(&terminations, 1) > 0) _exit(128 + signal);
  atomic_store(&requested, true);
  int event = atomic_load(&stop_event);
  if (event >= 0) {
    uint64_t one = 1;
    if (write(event, &one, sizeof one) < 0) { /* a full counter wakes the reader as well */ }
  }
  errno = saved;
}

// Kernels that oneDNN generates keep values below the stack pointer, beyond the 128 bytes that the ABI reserves there. A handler
// on the stack that it interrupts overwrites them, and the heap with what they point to. The kernel hands signals of the process
// to its first thread.
static int give_handlers_a_stack(void) {
  static char memory[64 * 1024];
  if (syscall(SYS_gettid) != getpid()) return 0;
  stack_t present;
  if (sigaltstack(NULL, &present) != 0) return errno;
  if (!(present.ss_flags & SS_DISABLE)) return 0;
  stack_t own;
  memset(&own, 0, sizeof own);
  own.ss_sp = memory;
  own.ss_size = sizeof memory;
  return sigaltstack(&own, NULL) == 0 ? 0 : errno;
}

int lockstep_catch_stop_signals(int event) {
  int stacked = give_handlers_a_stack();
  if (stacked != 0) return stacked;
  atomic_store(&stop_event, event);
  struct sigaction action;
  memset(&action, 0, sizeof action);
  action.sa_handler = on_signal;
  action.sa_flags = SA_RESTART | SA_ONSTACK;
  sigfillset(&action.sa_mask);
  const int signals[] = {SIGTERM, SIGINT, SIGUSR1};
  sigset_t wanted;
  sigemptyset(&wanted);
  for (int i = 0; i < 3; i++) {
    if (sigaction(signals[i], &action, NULL) != 0) return errno;
    sigaddset(&wanted, signals[i]);
  }
  // A launcher that starts programs from a thread with blocked signals hands its mask down.
  int blocked = pthread_sigmask(SIG_UNBLOCK, &wanted, NULL);
  if (blocked != 0) return blocked;
  // A broken connection and a file beyond its quota are errors of the call, not the end of the process.
  action.sa_handler = SIG_IGN;
  if (sigaction(SIGXFSZ, &action, NULL) != 0) return errno;
  return sigaction(SIGPIPE, &action, NULL) == 0 ? 0 : errno;
}

bool lockstep_stop_requested(void) { return atomic_load(&requested); }

void lockstep_set_stop_requested(bool value) { atomic_store(&requested, value); }

int lockstep_die_with_parent(void) {
  pid_t parent = getppid();
  if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0) return errno;
  if (getppid() != parent) raise(SIGKILL);  // it died before the call
  return 0;
}

void lockstep_stop_for(int milliseconds) {
  const pid_t process = getpid();
  const struct timespec time = {.tv_sec = milliseconds / 1000, .tv_nsec = milliseconds % 1000 * 1000000L};
  const pid_t waker = fork();
  if (waker == 0) {
    // Only what is safe between fork and exec in a process of many threads.
    nanosleep(&time, NULL);
    kill(process, SIGCONT);
    _exit(0);
  }
  if (waker < 0) return;
  kill(process, SIGSTOP);
  waitpid(waker, NULL, 0);
}

void lockstep_pause(void) {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  __asm__ volatile("yield");
#endif
}
