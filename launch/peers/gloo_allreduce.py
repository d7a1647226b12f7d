"""torch.distributed's all_reduce over gloo between processes of this machine; prints a JSON line a size."""
import json
import os
import sys
import time

import torch
import torch.distributed as dist
import torch.multiprocessing as mp


def work(rank, ranks, sizes):
    torch.set_num_threads(1)
    os.environ.update(MASTER_ADDR="127.0.0.1", MASTER_PORT="29541")
    dist.init_process_group("gloo", rank=rank, world_size=ranks)
    for size in sizes:
        values = torch.zeros(size // 4)
        times = max(4, min(200, (64 << 20) // size))
        dist.all_reduce(values)
        rounds = []
        for _ in range(5):
            dist.barrier()
            started = time.perf_counter()
            for _ in range(times):
                dist.all_reduce(values)
            rounds.append((time.perf_counter() - started) / times)
        if rank == 0:
            seconds = sorted(rounds)[2]
            print(json.dumps(dict(bytes=size, microseconds=seconds * 1e6, gigabytes_per_second=size / seconds / 1e9)))
    dist.destroy_process_group()


if __name__ == "__main__":
    sizes = [int(size) for size in sys.argv[1:]] or [4 << 10, 1 << 20, 25 << 20, 91 << 20]
    mp.spawn(work, (2, sizes), 2)
