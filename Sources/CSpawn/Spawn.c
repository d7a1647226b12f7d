#define _GNU_SOURCE
#include "CSpawn.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { CLOSED_ON_EXEC = 4 };  // CLOSE_RANGE_CLOEXEC, which older headers lack

// Runs in the child, between fork and exec, where only system calls are safe.
static void become(const char *path, char *const arguments[], char *const environment[], const int streams[3], pid_t parent,
                   int report) {
  setpgid(0, 0);
  prctl(PR_SET_PDEATHSIG, SIGTERM);
  if (getppid() != parent) _exit(127);  // it died before the call
  struct sigaction action;
  memset(&action, 0, sizeof action);
  action.sa_handler = SIG_DFL;
  for (int signal = 1; signal < NSIG; signal++) sigaction(signal, &action, NULL);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, NULL);
  int input = streams[0] >= 0 ? streams[0] : open("/dev/null", O_RDONLY);
  if (input > 0) dup2(input, 0);
  for (int stream = 1; stream < 3; stream++)
    if (streams[stream] >= 0) dup2(streams[stream], stream);
#ifdef SYS_close_range
  syscall(SYS_close_range, 3u, ~0u, CLOSED_ON_EXEC);
#endif
  execve(path, arguments, environment);
  int code = errno;
  if (write(report, &code, sizeof code) < 0) { /* the parent sees the status 127 */ }
  _exit(127);
}

int lockstep_spawn(const char *path, char *const arguments[], char *const environment[], const int streams[3],
                   pid_t *process) {
  int report[2];
  if (pipe2(report, O_CLOEXEC) != 0) return errno;
  pid_t parent = getpid();
  pid_t child = fork();
  if (child == 0) become(path, arguments, environment, streams, parent, report[1]);
  int code = child < 0 ? errno : 0;
  close(report[1]);
  if (child > 0) {
    ssize_t count;
    do { count = read(report[0], &code, sizeof code); } while (count < 0 && errno == EINTR);
    if (count == sizeof code) waitpid(child, NULL, 0);
    else code = 0;
    *process = child;
  }
  close(report[0]);
  return code;
}
