"""One helicity mode of a dark photon on a homogeneous ALP.

Take X = X_lambda(tau) e_lambda and curl e_lambda = lambda k e_lambda, lambda = +1 or -1. Then the
equation E' = -curl B + g theta' B becomes

    X'' + k (k - lambda g theta') X = 0,

Choi, Kim, Sekiguchi, PRL 121, 031102 (2018), Eq. 15 (their upper sign is lambda = +1). It holds in
any background: a massless gauge field does not notice the expansion in conformal time.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]


def unstable_band(coupling: float, theta_prime_max: float) -> float:
    """|g theta'|: modes 0 < k < |g theta'| with lambda g theta' > 0 are tachyonic. In 1/tau_osc."""
    return abs(coupling * theta_prime_max)


def growth_rate(k: float, *, helicity: int, coupling: float, theta_prime: float) -> float:
    """sqrt(k (lambda g theta' - k)), zero outside the unstable band; 1/tau_osc."""
    return float(np.sqrt(max(0.0, k * (helicity * coupling * theta_prime - k))))


def evolve_mode(
    k: float,
    *,
    helicity: int,
    coupling: float,
    theta_prime: Callable[[float], float],
    tau: npt.ArrayLike,
    x0: complex,
    e0: complex,
) -> tuple[npt.NDArray, npt.NDArray]:
    """X and E = X' at the increasing times tau[n], from X = x0, E = e0 at tau[0].

    Integrated with DOP853 at rtol 1e-12, good to some 1e-10 over a few hundred periods. k > 0 and
    theta_prime(tau) are in 1/tau_osc. Results are complex if x0 or e0 is complex. They are in the
    units of x0 whatever its size: the equation is linear and is solved for the ratio to the start.
    Raises ValueError for k <= 0, a helicity other than +1 or -1, unsorted or fewer than two times,
    and a start of zero. Raises RuntimeError if the solver gives up.
    """
    from scipy.integrate import solve_ivp  # slow to import; a run needs only the band

    times = np.asarray(tau, dtype=np.float64)
    if not k > 0:
        raise ValueError(f"a mode needs k > 0, not {k}")
    if helicity not in (1, -1):
        raise ValueError(f"helicity is +1 or -1, not {helicity}")
    if times.ndim != 1 or times.size < 2 or not np.all(np.diff(times) > 0):
        raise ValueError("tau must be a list of two or more increasing times, the first the start")
    # k X and E are of one size for a wave, so one absolute tolerance serves both.
    size = max(abs(k * x0), abs(e0))
    if size == 0:
        raise ValueError("the mode starts at zero and stays there; give x0 or e0")
    start = np.array([k * x0 / size, e0 / size])

    def rhs(time: float, y: npt.NDArray) -> npt.NDArray:
        return np.array([k * y[1], -(k - helicity * coupling * theta_prime(time)) * y[0]])

    result = solve_ivp(
        rhs, (times[0], times[-1]), start, method="DOP853", t_eval=times, rtol=1e-12, atol=1e-14
    )
    if not result.success:
        raise RuntimeError(f"mode k = {k} could not be integrated: {result.message}")
    return result.y[0] * size / k, result.y[1] * size
