#define _GNU_SOURCE
#include "lockstep_shared.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

int lockstep_shared_memory(size_t bytes, size_t rest) {
  // A limit on files holds for this memory, too, and to pass it is a signal.
  struct rlimit limit;
  if (getrlimit(RLIMIT_FSIZE, &limit) == 0 && limit.rlim_cur < bytes + rest) {
    errno = EFBIG;
    return -1;
  }
  int descriptor = memfd_create("lockstep", MFD_CLOEXEC | MFD_ALLOW_SEALING);
  if (descriptor < 0) return -1;
  // Taken now: memory that is missing later is a bus error. Sealed: a peer that cuts it off would be one, too.
  int failure = posix_fallocate(descriptor, 0, (off_t)bytes);
  if (failure == 0 && ftruncate(descriptor, (off_t)(bytes + rest)) != 0) failure = errno;
  if (failure == 0 && fcntl(descriptor, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) != 0) failure = errno;
  if (failure == 0) return descriptor;
  close(descriptor);
  errno = failure;
  return -1;
}

int lockstep_open_shared_memory(uint32_t process, uint32_t descriptor) {
  char path[64];
  snprintf(path, sizeof path, "/proc/%u/fd/%u", process, descriptor);
  int opened = open(path, O_RDWR | O_CLOEXEC);
  if (opened < 0) return -1;
  // Only sealed memory is mapped: nobody can shrink it under us, and the path may by now lead to something else.
  int seals = fcntl(opened, F_GET_SEALS);
  if (seals >= 0 && (seals & F_SEAL_SHRINK)) return opened;
  close(opened);
  errno = EINVAL;
  return -1;
}
