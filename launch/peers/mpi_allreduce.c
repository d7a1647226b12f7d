// MPI_Allreduce of float sums between the ranks of a job; prints a JSON line a size.
//   mpicc -O2 mpi_allreduce.c -o mpi_allreduce && mpirun -n 2 ./mpi_allreduce
#include <mpi.h>
#include <stdio.h>
#include <stdlib.h>

enum { ROUNDS = 5 };

static int ascending(const void *a, const void *b) {
  const double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

static double seconds(float *values, int count, int times) {
  double rounds[ROUNDS];
  for (int round = 0; round < ROUNDS; round++) {
    MPI_Barrier(MPI_COMM_WORLD);
    const double started = MPI_Wtime();
    for (int i = 0; i < times; i++) MPI_Allreduce(MPI_IN_PLACE, values, count, MPI_FLOAT, MPI_SUM, MPI_COMM_WORLD);
    rounds[round] = (MPI_Wtime() - started) / times;
  }
  qsort(rounds, ROUNDS, sizeof *rounds, ascending);
  return rounds[ROUNDS / 2];
}

int main(int argc, char **argv) {
  MPI_Init(&argc, &argv);
  int rank;
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  const long usual[] = {4 << 10, 1 << 20, 25 << 20, 91 << 20};
  const int sizes = argc > 1 ? argc - 1 : 4;
  for (int i = 0; i < sizes; i++) {
    const long bytes = argc > 1 ? atol(argv[i + 1]) : usual[i];
    long times = (64 << 20) / bytes;
    times = times < 4 ? 4 : times > 200 ? 200 : times;
    float *values = calloc((size_t)bytes, 1);
    for (long j = 0; j < bytes / 4; j++) values[j] = 0;
    MPI_Allreduce(MPI_IN_PLACE, values, (int)(bytes / 4), MPI_FLOAT, MPI_SUM, MPI_COMM_WORLD);
    const double time = seconds(values, (int)(bytes / 4), (int)times);
    if (rank == 0) {
      printf("{\"bytes\": %ld, \"microseconds\": %.3f, \"gigabytes_per_second\": %.4f}\n", bytes, time * 1e6,
             (double)bytes / time / 1e9);
      fflush(stdout);
    }
    free(values);
  }
  MPI_Finalize();
}
