"""The residual network of launch/recipes/mnist-swa.yaml in PyTorch, one process: SGD steps on random images of 28 x 28.

Prints one JSON line: images a second and the median step.
"""
import argparse
import json
import time

import torch
import torch.nn.functional as F
from torch import nn


class Block(nn.Module):
    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.first = nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False)
        self.first_norm = nn.BatchNorm2d(outputs)
        self.second = nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False)
        self.second_norm = nn.BatchNorm2d(outputs)
        self.short = None if stride == 1 and inputs == outputs else nn.Conv2d(inputs, outputs, 1, stride, bias=False)

    def forward(self, x):
        y = self.second_norm(self.second(F.relu(self.first_norm(self.first(x)))))
        return F.relu(y + (x if self.short is None else self.short(x)))


class Network(nn.Module):
    def __init__(self):
        super().__init__()
        self.stem = nn.Conv2d(1, 16, 3, 1, 1, bias=False)
        self.norm = nn.BatchNorm2d(16)
        self.blocks = nn.Sequential(Block(16, 32, 1), Block(32, 64, 2))
        self.out = nn.Linear(64, 10)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.norm(self.stem(x))), 2)
        return self.out(self.blocks(x).mean((2, 3)))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    for name, default in dict(threads=1, steps=60, batch=64).items():
        parser.add_argument("--" + name, type=int, default=default)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    torch.manual_seed(0)
    network = Network().to(memory_format=torch.channels_last)
    optimizer = torch.optim.SGD(network.parameters(), lr=0.1, momentum=0.9, nesterov=True, weight_decay=1e-4)
    images = torch.randn(options.batch, 1, 28, 28)
    labels = torch.randint(0, 10, (options.batch,))
    times = []
    for _ in range(options.steps + 5):
        started = time.perf_counter()
        F.cross_entropy(network(images), labels).backward()
        optimizer.step()
        optimizer.zero_grad()
        times.append(time.perf_counter() - started)
    median = sorted(times[5:])[options.steps // 2]
    print(json.dumps({**vars(options), "samples_per_second": options.batch / median, "step_ms": median * 1e3}))
