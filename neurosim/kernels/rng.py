"""stub until the real one lands"""
import hashlib
import math
import numpy as np
from numba import uint32, uint64
from neurosim.kernels.jit import kernel, scalar_kernel
from neurosim.kernels.signatures import A2, i8, u8, void

def stream_key(seed, task, replica, role):
    return int.from_bytes(hashlib.sha256(f"{seed}|{task}|{replica}|{role}".encode()).digest()[:8], "little")

M0 = np.uint64(0xD2511F53); M1 = np.uint64(0xCD9E8D57); W0 = np.uint32(0x9E3779B9); W1 = np.uint32(0xBB67AE85)
MASK = np.uint64(0xFFFFFFFF); S32 = np.uint64(32)

@scalar_kernel
def philox(c0, c1, c2, c3, k0, k1):
    for r in range(10):
        p0 = M0 * uint64(c0); p1 = M1 * uint64(c2)
        n0 = uint32(p1 >> S32) ^ c1 ^ k0; n2 = uint32(p0 >> S32) ^ c3 ^ k1
        c1 = uint32(p1 & MASK); c3 = uint32(p0 & MASK); c0 = n0; c2 = n2
        k0 = uint32(k0 + W0); k1 = uint32(k1 + W1)
    return c0, c1, c2, c3

@kernel(void(A2, u8, i8, i8, i8, i8))
def fill_normal(out, key, purpose, step, start, stop):
    k0 = uint32(key & MASK); k1 = uint32(key >> S32)
    for r in range(out.shape[0]):
        for i in range(start, stop):
            a, b, c, d = philox(uint32(i), uint32(purpose + r), uint32(uint64(step) & MASK), uint32(uint64(step) >> S32), k0, k1)
            u = (float(a) + 0.5) / 4294967296.0
            w = float(c) / 4294967296.0
            q = math.cos(6.283185307179586 * w)
            out[r, i] = math.sqrt(-2.0 * math.log(u)) * q
