"""Entry point of the ``neurosim`` command and of ``python -m neurosim``."""

from __future__ import annotations

import os
import sys


def main() -> int:
    """Run the command line; one process uses one thread, parallelism belongs to studies."""
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS"):
        os.environ.setdefault(name, "1")
    os.environ.setdefault("OMP_WAIT_POLICY", "passive")
    try:
        from neurosim.interrupt import Interrupts

        with Interrupts():
            from neurosim.cli import run

            return run(sys.argv[1:])
    except KeyboardInterrupt:  # before the handler stands
        print("neurosim: interrupted.", file=sys.stderr)
        return 130


if __name__ == "__main__":
    sys.exit(main())
