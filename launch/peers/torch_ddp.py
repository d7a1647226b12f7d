"""A text classifier's training step in PyTorch on this machine's CPU: DistributedDataParallel over gloo where ranks > 1.

Prints one JSON line: rows a second over all ranks, the median step, rank 0's peak memory, seconds to the end of the first step.
"""
import argparse
import json
import os
import resource
import time

START = time.perf_counter()

import torch
import torch.distributed as dist
import torch.multiprocessing as mp
import torch.nn.functional as F

SHAPES = {
    "minilm": dict(hidden_size=384, num_hidden_layers=6, num_attention_heads=12, intermediate_size=1536),
    "base": dict(hidden_size=768, num_hidden_layers=12, num_attention_heads=12, intermediate_size=3072),
}
ROWS = {"minilm": (32, 64), "base": (8, 128)}


def shape(options):
    """Rows of a rank, and the tokens of each."""
    return (options.rows, options.length) if options.encoder else ROWS[options.model]


class Task:
    """One rank's model, rows and optimizer, and what it does in a step."""

    def __init__(self, options, rank):
        from transformers import AutoConfig, AutoModelForSequenceClassification

        torch.manual_seed(0)
        self.options = options
        if options.encoder:
            config = AutoConfig.from_pretrained(options.encoder, num_labels=2)
        else:
            config = AutoConfig.for_model("bert", vocab_size=30522, num_labels=2, **SHAPES[options.model])
        self.model = AutoModelForSequenceClassification.from_config(config)
        self.model.train()
        self.net = torch.nn.parallel.DistributedDataParallel(self.model) if options.ranks > 1 else self.model
        named = list(self.model.named_parameters())
        plain = [p for n, p in named if "bias" in n or "LayerNorm" in n]
        decayed = [p for n, p in named if not ("bias" in n or "LayerNorm" in n)]
        groups = [dict(params=decayed, weight_decay=0.01), dict(params=plain, weight_decay=0.0)]
        self.optimizer = torch.optim.AdamW(groups, lr=2e-5, fused=True)
        self.shadow = {n: p.detach().clone() for n, p in named} if options.techniques else {}
        self.embeddings = self.model.get_input_embeddings().weight
        rows, length = shape(options)
        generator = torch.Generator().manual_seed(rank)
        self.ids = torch.randint(1000, 30000, (rows, length), generator=generator)
        self.mask = torch.ones_like(self.ids)
        self.labels = torch.randint(0, 2, (rows,), generator=generator)

    def forward(self):
        with torch.autocast("cpu", torch.bfloat16, enabled=self.options.precision == "bf16"):
            return self.net(input_ids=self.ids, attention_mask=self.mask, labels=self.labels)

    def loss(self):
        first = self.forward()
        if not self.options.techniques:
            return first.loss
        second = self.forward()
        p, q = F.log_softmax(first.logits.float(), -1), F.log_softmax(second.logits.float(), -1)
        divergence = F.kl_div(p, q.exp(), reduction="batchmean") + F.kl_div(q, p.exp(), reduction="batchmean")
        return 0.5 * (first.loss + second.loss) + 0.5 * divergence / 2

    def step(self):
        self.loss().backward()
        if self.options.techniques:
            saved = self.embeddings.data.clone()
            gradient = self.embeddings.grad
            self.embeddings.data.add_(gradient / gradient.norm())
            self.loss().backward()
            self.embeddings.data = saved
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        self.optimizer.step()
        self.optimizer.zero_grad()
        with torch.no_grad():
            for name, value in self.shadow.items():
                value.mul_(0.999).add_(self.model.get_parameter(name), alpha=0.001)


def work(rank, options, queue):
    torch.set_num_threads(options.threads)
    if options.ranks > 1:
        os.environ.update(MASTER_ADDR="127.0.0.1", MASTER_PORT=str(options.port))
        dist.init_process_group("gloo", rank=rank, world_size=options.ranks)
    task = Task(options, rank)
    task.step()
    first = time.perf_counter() - START
    for _ in range(2):
        task.step()
    times = []
    for _ in range(options.steps):
        started = time.perf_counter()
        task.step()
        times.append(time.perf_counter() - started)
    median = sorted(times)[len(times) // 2]
    if rank == 0:
        queue.put(
            dict(
                samples_per_second=shape(options)[0] * options.ranks / median,
                step_ms=median * 1e3,
                peak_mib=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
                first_step_s=first,
            )
        )
    if options.ranks > 1:
        dist.barrier()
        dist.destroy_process_group()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", choices=SHAPES, default="minilm")
    parser.add_argument("--precision", choices=["fp32", "bf16"], default="fp32")
    parser.add_argument("--techniques", action="store_true", help="R-Drop, FGM and EMA")
    parser.add_argument("--encoder", help="a folder with a config.json, in place of --model")
    for name, default in dict(rows=8, length=128, ranks=1, threads=1, steps=6, port=29533).items():
        parser.add_argument("--" + name, type=int, default=default)
    options = parser.parse_args()
    queue = mp.get_context("spawn").SimpleQueue()
    if options.ranks == 1:
        work(0, options, queue)
    else:
        mp.spawn(work, (options, queue), options.ranks)
    print(json.dumps({**vars(options), **queue.get()}))
