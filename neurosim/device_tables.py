"""The kernels of device models as the typed lists that the compiled engine takes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from neurosim.device import DeviceModel
from neurosim.errors import ParameterError
from neurosim.kernels.tables import function_table


def kernel_table(role: str, models: Sequence[DeviceModel]) -> Any:
    """Return the typed list of one kernel of each model, as compiled engines take them.

    Raises
    ------
    ParameterError
        A model has no such kernel, or it is not compiled for this role.
    """
    try:
        return function_table(role, [model.require(role) for model in models])
    except TypeError as error:
        names = ", ".join(dict.fromkeys(model.name for model in models))
        raise ParameterError(f"{names}: {error}") from error
