#define _GNU_SOURCE
#include "lockstep_pmix.h"

#include <dlfcn.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

// The part of the PMIx standard's binary interface (version 2 and later) that is used here. Declared rather than included,
// because the headers need not be installed where the library is, nor the library where the program runs.
typedef struct {
  char space[256];
  uint32_t rank;
} pmix_proc;

typedef struct {
  uint16_t type;
  union {
    bool flag;
    int number;
    uint16_t uint16;
    uint32_t uint32;
    struct {
      char *bytes;
      size_t size;
    } object;
    uint64_t widest[3];
  } data;
} pmix_value;

typedef struct {
  char key[512];
  uint32_t flags;
  pmix_value value;
} pmix_info;

enum { TYPE_BOOL = 1, TYPE_INT = 6, TYPE_UINT16 = 13, TYPE_UINT32 = 14, TYPE_BYTES = 27, SCOPE_GLOBAL = 3 };
static const uint32_t WHOLE_JOB = UINT32_MAX - 1;

static struct {
  int (*init)(pmix_proc *, pmix_info *, size_t);
  int (*finalize)(const pmix_info *, size_t);
  int (*put)(uint8_t, const char *, pmix_value *);
  int (*commit)(void);
  int (*fence)(const pmix_proc *, size_t, const pmix_info *, size_t);
  int (*get)(const pmix_proc *, const char *, const pmix_info *, size_t, pmix_value **);
  const char *(*words)(int);
} library;
static pmix_proc self;

static bool load(void) {
  if (library.init) return true;
  void *handle = dlopen("libpmix.so.2", RTLD_NOW | RTLD_GLOBAL);
  if (!handle) handle = dlopen("libpmix.so", RTLD_NOW | RTLD_GLOBAL);
  if (!handle) return false;
  *(void **)&library.finalize = dlsym(handle, "PMIx_Finalize");
  *(void **)&library.put = dlsym(handle, "PMIx_Put");
  *(void **)&library.commit = dlsym(handle, "PMIx_Commit");
  *(void **)&library.fence = dlsym(handle, "PMIx_Fence");
  *(void **)&library.get = dlsym(handle, "PMIx_Get");
  *(void **)&library.words = dlsym(handle, "PMIx_Error_string");
  if (!library.finalize || !library.put || !library.commit || !library.fence || !library.get || !library.words) return false;
  *(void **)&library.init = dlsym(handle, "PMIx_Init");
  return library.init != NULL;
}

int lockstep_pmix_join(uint32_t *rank) {
  if (!load()) return LOCKSTEP_PMIX_ABSENT;
  int status = library.init(&self, NULL, 0);
  if (status == 0) *rank = self.rank;
  return status;
}

static int number_of(uint32_t rank, const char *key, uint32_t *number) {
  pmix_proc proc = self;
  proc.rank = rank;
  pmix_value *value = NULL;
  int status = library.get(&proc, key, NULL, 0, &value);
  if (status != 0) return status;
  switch (value->type) {
    case TYPE_UINT16: *number = value->data.uint16; break;
    case TYPE_UINT32: *number = value->data.uint32; break;
    default: status = LOCKSTEP_PMIX_ABSENT;
  }
  free(value);
  return status;
}

int lockstep_pmix_job_number(const char *key, uint32_t *number) { return number_of(WHOLE_JOB, key, number); }

int lockstep_pmix_rank_number(uint32_t rank, const char *key, uint32_t *number) { return number_of(rank, key, number); }

int lockstep_pmix_publish(const char *key, const void *bytes, size_t count) {
  pmix_value value = {.type = TYPE_BYTES};
  value.data.object.bytes = (char *)bytes;
  value.data.object.size = count;
  int status = library.put(SCOPE_GLOBAL, key, &value);
  return status == 0 ? library.commit() : status;
}

int lockstep_pmix_exchange(int seconds) {
  pmix_info directives[2];
  memset(directives, 0, sizeof directives);
  strcpy(directives[0].key, "pmix.collect");
  directives[0].value.type = TYPE_BOOL;
  directives[0].value.data.flag = true;
  strcpy(directives[1].key, "pmix.timeout");
  directives[1].value.type = TYPE_INT;
  directives[1].value.data.number = seconds;
  return library.fence(NULL, 0, directives, 2);
}

int lockstep_pmix_fetch(uint32_t rank, const char *key, void *bytes, size_t *count) {
  pmix_proc proc = self;
  proc.rank = rank;
  pmix_value *value = NULL;
  int status = library.get(&proc, key, NULL, 0, &value);
  if (status != 0) return status;
  if (value->type != TYPE_BYTES || value->data.object.size > *count) {
    status = LOCKSTEP_PMIX_ABSENT;
  } else {
    *count = value->data.object.size;
    memcpy(bytes, value->data.object.bytes, *count);
  }
  if (value->type == TYPE_BYTES) free(value->data.object.bytes);
  free(value);
  return status;
}

int lockstep_pmix_has(uint32_t rank, const char *key, int seconds) {
  pmix_proc proc = self;
  proc.rank = rank;
  pmix_info directive;
  memset(&directive, 0, sizeof directive);
  strcpy(directive.key, "pmix.timeout");
  directive.value.type = TYPE_INT;
  directive.value.data.number = seconds;
  pmix_value *value = NULL;
  int status = library.get(&proc, key, &directive, 1, &value);
  if (status != 0 || !value) return status ? status : LOCKSTEP_PMIX_ABSENT;
  if (value->type == TYPE_BYTES) free(value->data.object.bytes);
  free(value);
  return 0;
}

int lockstep_pmix_leave(void) { return library.finalize ? library.finalize(NULL, 0) : 0; }

const char *lockstep_pmix_words(int status) {
  if (status == LOCKSTEP_PMIX_ABSENT) return "libpmix is not installed, or gave an answer of another kind";
  return library.words ? library.words(status) : "unknown";
}
