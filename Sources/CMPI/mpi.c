#include "CMPI.h"

#include <dlfcn.h>
#include <stdbool.h>

// The part of Open MPI's binary interface (versions 1.7 to 5) that is used here. Declared rather than included, because the
// headers need not be installed where the library is, nor the library where the program runs. MPICH has numbers for handles
// where Open MPI has addresses of these objects, so it is recognised by them.
typedef struct ompi_object *handle;

static struct {
  int (*init)(int *, char ***, int, int *);
  int (*finalize)(void);
  int (*rank)(handle, int *);
  int (*size)(handle, int *);
  int (*set_errors)(handle, handle);
  int (*all_reduce)(const void *, void *, int, handle, handle, handle);
  int (*words)(int, char *, int *);
  handle world, floats, sum, return_errors;
} library;
static enum { NOT_STARTED, STARTED, STOPPED } state;

enum { THREAD_FUNNELED = 1, LONGEST_WORDS = 256 };
static void *const IN_PLACE = (void *)1;
// MPI counts in an int.
static const size_t LONGEST = 1 << 30;

int cmpi_load(void) {
  if (library.init) return 0;
  // Its own parts are loaded as it starts and look for its symbols: they must be visible to all.
  void *opened = dlopen("libmpi.so.40", RTLD_NOW | RTLD_GLOBAL);
  if (!opened) opened = dlopen("libmpi.so", RTLD_NOW | RTLD_GLOBAL);
  if (!opened) return CMPI_ABSENT;
  *(void **)&library.finalize = dlsym(opened, "MPI_Finalize");
  *(void **)&library.rank = dlsym(opened, "MPI_Comm_rank");
  *(void **)&library.size = dlsym(opened, "MPI_Comm_size");
  *(void **)&library.set_errors = dlsym(opened, "MPI_Comm_set_errhandler");
  *(void **)&library.all_reduce = dlsym(opened, "MPI_Allreduce");
  *(void **)&library.words = dlsym(opened, "MPI_Error_string");
  library.world = (handle)dlsym(opened, "ompi_mpi_comm_world");
  library.floats = (handle)dlsym(opened, "ompi_mpi_float");
  library.sum = (handle)dlsym(opened, "ompi_mpi_op_sum");
  library.return_errors = (handle)dlsym(opened, "ompi_mpi_errors_return");
  const bool is_whole = library.finalize && library.rank && library.size && library.set_errors && library.all_reduce &&
                        library.words && library.world && library.floats && library.sum && library.return_errors;
  if (is_whole) *(void **)&library.init = dlsym(opened, "MPI_Init_thread");
  return library.init ? 0 : CMPI_ABSENT;
}

int cmpi_start(int *rank, int *size) {
  int code = cmpi_load();
  if (code == 0 && state == NOT_STARTED) {
    int given;
    code = library.init(NULL, NULL, THREAD_FUNNELED, &given);
    if (code == 0) state = STARTED;
    if (code == 0) code = library.set_errors(library.world, library.return_errors);
  }
  if (code == 0 && state == STOPPED) code = CMPI_ABSENT;
  if (code == 0) code = library.rank(library.world, rank);
  return code == 0 ? library.size(library.world, size) : code;
}

int cmpi_sum(float *values, size_t count) {
  if (state != STARTED) return CMPI_ABSENT;
  for (size_t start = 0; start < count; start += LONGEST) {
    const size_t length = count - start < LONGEST ? count - start : LONGEST;
    const int code =
        library.all_reduce(IN_PLACE, values + start, (int)length, library.floats, library.sum, library.world);
    if (code != 0) return code;
  }
  return 0;
}

int cmpi_stop(void) {
  if (state != STARTED) return 0;
  state = STOPPED;
  return library.finalize();
}

const char *cmpi_words(int code) {
  static char words[LONGEST_WORDS + 1];
  int length = 0;
  if (code == CMPI_ABSENT) return "there is no libmpi of Open MPI, or it was ended";
  if (!library.words || library.words(code, words, &length) != 0) return "unknown";
  return words;
}
