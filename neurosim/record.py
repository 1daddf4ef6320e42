"""What a run remembers of its conductances: percentiles of all devices, a few traced ones, histograms over time."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from neurosim.kernels.rng import stream_key
from neurosim.network import Network

PERCENTILES = (1, 5, 25, 50, 75, 95, 99)
BINS = 64


@dataclass
class ConductanceRecorder:
    """Records every ``every`` samples, and at log-spaced samples before the first of them.

    Recording never changes the run: it reads conductances between samples.

    Attributes
    ----------
    traced : list of ndarray
        Device indices per crossbar.
    samples : list of int
        Sample numbers of the records.
    percentiles, traces, histograms : list of list of ndarray
        Per record and crossbar: (7,), (n_traced,) [S], and counts (64,) over ``edges``.
    """

    every: int
    log_spaced: bool
    traced: list[np.ndarray]
    edges: np.ndarray
    samples: list[int] = field(default_factory=list)
    percentiles: list[list[np.ndarray]] = field(default_factory=list)
    traces: list[list[np.ndarray]] = field(default_factory=list)
    histograms: list[list[np.ndarray]] = field(default_factory=list)

    @classmethod
    def of(cls, network: Network, every: int, log_spaced: bool, n_traced: int) -> ConductanceRecorder:
        """Return a recorder that traces ``n_traced`` working devices of each crossbar, chosen by the seed."""
        traced = []
        for crossbar in network.crossbars:
            generator = np.random.Generator(np.random.Philox(key=stream_key(network.seed, "record", 0, crossbar.name)))
            works = np.flatnonzero(crossbar.population.stuck == 0)
            traced.append(np.sort(generator.choice(works, min(n_traced, works.size), replace=False)))
        _, high = network.synapse.nominal_window()
        return cls(every, log_spaced, traced, np.linspace(0.0, 1.5 * high, BINS + 1))

    def due(self, sample: int) -> bool:
        """Tell whether the state after ``sample`` samples is recorded."""
        if sample % self.every == 0:
            return True
        return self.log_spaced and sample < self.every and sample & (sample - 1) == 0

    def take(self, network: Network, sample: int) -> None:
        """Record the conductances now."""
        self.samples.append(sample)
        self.percentiles.append([np.percentile(c.g, PERCENTILES) for c in network.crossbars])
        self.traces.append([c.g.ravel()[index] for c, index in zip(network.crossbars, self.traced, strict=True)])
        self.histograms.append([np.histogram(c.g, self.edges)[0] for c in network.crossbars])

    def arrays(self) -> dict[str, np.ndarray]:
        """Return all records as arrays, (record, ...) first."""
        out: dict[str, np.ndarray] = {"samples": np.array(self.samples), "edges": self.edges}
        for k in range(len(self.traced)):
            out[f"traced{k}"] = self.traced[k]
            for name in ("percentiles", "traces", "histograms"):
                out[f"{name}{k}"] = np.array([record[k] for record in getattr(self, name)])
        return out

    def restore(self, arrays: dict[str, np.ndarray]) -> None:
        """Continue from the arrays of a checkpoint."""
        self.samples = [int(sample) for sample in arrays["samples"]]
        for name in ("percentiles", "traces", "histograms"):
            kept = [[arrays[f"{name}{k}"][r] for k in range(len(self.traced))] for r in range(len(self.samples))]
            setattr(self, name, kept)
