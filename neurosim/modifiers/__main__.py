"""``python -m neurosim.modifiers`` prints which model takes which modifier; ``--write`` brings README.md up to date."""

from __future__ import annotations

import sys

from neurosim.modifiers.tables import README, matrix, modifier_table, updated

if sys.argv[1:] == ["--write"]:
    README.write_text(updated(README.read_text(encoding="utf-8")), encoding="utf-8")
    print(README)
elif sys.argv[1:]:
    sys.exit("usage: python -m neurosim.modifiers [--write]")
else:
    print(modifier_table(), "", matrix(), sep="\n")
