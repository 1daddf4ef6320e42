"""What each noise draw of an array is for: numbers that keep the draws of one key apart, see :mod:`neurosim.kernels.rng`.

A draw of several rows takes the numbers from its purpose on, one per row.
"""

ROWS = 64  # most rows of noise that one device model, its modifiers included, may have

# Key of an array's writes: rows of device noise.
WRITE_FULL = 16
WRITE_HALF_ROW = WRITE_FULL + ROWS
WRITE_HALF_COLUMN = WRITE_HALF_ROW + ROWS
LINE_WRITE = WRITE_HALF_COLUMN + ROWS
WAIT = LINE_WRITE + ROWS
VERIFY = WAIT + ROWS  # one per round of write-verify; the last of this key, as rounds are not bounded

# Key of an array's reads: one row each.
READ_FORWARD = 48
READ_BACKWARD = 56
WHITE_FORWARD = 57
WHITE_BACKWARD = 58

# Key of an accumulator: one row.
DEPOSIT = 40
