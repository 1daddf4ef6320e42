"""Two-dimensional views of flat arrays inside kernels, without the runtime call (about 40 ns) that ``reshape`` makes."""

from __future__ import annotations

from typing import Any

import numba
from numba.core import types
from numba.core.cgutils import pack_array
from numba.extending import intrinsic
from numba.np.arrayobj import make_array, populate_array

numba_config: Any = numba.config


@intrinsic
def _view(typing_context, flat, first, n_rows, n_columns):
    """Build the array descriptor directly: no ownership is taken and no reference counted."""
    matrix = types.Array(flat.dtype, 2, "C")
    signature = matrix(flat, types.int64, types.int64, types.int64)

    def generate(context, builder, _, arguments):
        source = make_array(flat)(context, builder, arguments[0])
        out = make_array(matrix)(context, builder)
        size = context.get_constant(types.intp, 8)
        shape = pack_array(builder, [arguments[2], arguments[3]])
        strides = pack_array(builder, [builder.mul(arguments[3], size), size])
        populate_array(out, data=builder.gep(source.data, [arguments[1]]), shape=shape, strides=strides, itemsize=size,
                       meminfo=None)
        return out._getvalue()

    return signature, generate


def _reshaped(flat, first, n_rows, n_columns):
    return flat[first : first + n_rows * n_columns].reshape((n_rows, n_columns))


#: Return ``flat[first : first + n_rows n_columns]`` as a C-ordered float64 matrix. It does not keep ``flat`` alive: use it only
#: while the caller holds ``flat``.
matrix_view: Any = _reshaped if numba_config.DISABLE_JIT else _view
