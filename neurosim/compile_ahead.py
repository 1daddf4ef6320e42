"""Compile the engine and every device model at once, in parallel processes, instead of each at its first use.

A module compiles its kernels when it is imported and keeps them on disk, so importing is all there is to do.
"""

from __future__ import annotations

import importlib
import multiprocessing
import os
import time
from concurrent.futures import ProcessPoolExecutor

from neurosim.library import list_models, load_model

SHARED = ("neurosim.kernels.rng",)  # what all others need: first, or every process would compile it
ENGINE = ("neurosim.experiment", "neurosim.simulation.simulate", "neurosim.characterise")


def compile_ahead(processes: int | None = None) -> float:
    """Compile all that neurosim and the installed device libraries contain; return the time it took [s].

    Parameters
    ----------
    processes : int, optional
        Parallel processes; default one per processor. Each needs about 300 MB.

    Raises
    ------
    LibraryError
        A device model cannot be imported.
    """
    began = time.perf_counter()
    for module in SHARED:
        importlib.import_module(module)
    processes = processes or os.cpu_count() or 1
    with ProcessPoolExecutor(processes, mp_context=multiprocessing.get_context("spawn")) as pool:
        jobs = [pool.submit(_import, module) for module in ENGINE]
        jobs += [pool.submit(_load, model) for model in list_models()]
        for job in jobs:
            job.result()
    return time.perf_counter() - began


def _import(module: str) -> None:
    importlib.import_module(module)


def _load(model: str) -> None:
    load_model(model)
