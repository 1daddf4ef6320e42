"""Phases of fluctuating neurons: run for a while, average what the lines carry (:mod:`neurosim.kernels.sampling`)."""

from __future__ import annotations

import math

import numpy as np

from neurosim.device_tables import kernel_table
from neurosim.kernels.rng import stream_key
from neurosim.kernels.sampling import sample
from neurosim.packing import Packed
from neurosim.rest import Rest, SettleOptions


class Sampler:
    """Samples the phases of one network: its layers as the kernel wants them, and scratch."""

    def __init__(self, packed: Packed, *, seed: int):
        self.packed = packed
        self.key = np.uint64(stream_key(seed, "network", 0, "neurons/flips"))
        models = [group.model for group in packed.groups]
        self._advances = kernel_table("advance", models)
        widest = max(group.size for group in packed.groups)
        self._noise = np.zeros((max(len(model.noises) for model in models), widest))
        self._duration = np.empty(widest)
        self._layers = np.array([self._place(where) for where in packed.layers], dtype=np.int64)
        self._sizes = [matrices[0].shape for matrices in packed.matrices]
        self._pairs = np.empty(sum(rows * columns for rows, columns in self._sizes))

    def _place(self, neurons: slice) -> tuple[int, int, int, int]:
        group = next(k for k, group in enumerate(self.packed.groups) if neurons.start < group.neurons.stop)
        return group, neurons.start - self.packed.groups[group].neurons.start, neurons.stop - neurons.start, neurons.start

    def run(self, y: np.ndarray, options: SettleOptions, phase: int) -> Rest:
        """Run phase number ``phase`` from the states ``y`` (changed); status "settled" if all averages are finite."""
        step = options.sample_step
        burn_in, steps = math.ceil(options.burn_in / step * (1 - 1e-9)), math.ceil(options.sample_time / step * (1 - 1e-9))
        packed = self.packed
        mean = np.empty(packed.n_neurons)
        self._duration[:] = step
        power = sample(self._advances, packed.outputs, packed.layout, packed.values, self._layers, y, self._noise,
                       self._duration, self.key, phase * (burn_in + steps), burn_in, steps, mean, self._pairs)
        time = (burn_in + steps) * step
        ends = np.cumsum([rows * columns for rows, columns in self._sizes])
        pairs = tuple(self._pairs[end - rows * columns : end].reshape(rows, columns).copy()
                      for end, (rows, columns) in zip(ends, self._sizes, strict=True))
        status = "settled" if np.isfinite(power) and np.all(np.isfinite(mean)) else "diverged"
        return Rest(status, mean, time, float(power) * time, 0.0, burn_in + steps, "a sampled average", pairs=pairs)
