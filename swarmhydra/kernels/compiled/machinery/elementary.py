"""Elementary functions without branches and calls, so that loops that use them vectorise.

The functions of the C library are calls, and numba's packages no longer contain Intel's SVML, the
vector versions of them.
"""

import numpy as np

from swarmhydra.kernels.compiled.machinery.compiler import compiled_inline

_MANTISSA = 0x000FFFFFFFFFFFFF
_ONE = 0x3FF0000000000000
_LN2 = 0.6931471805599453
_SQRT2 = 1.4142135623730951
_HALF_PI = 1.5707963267948966


@compiled_inline
def natural_log(x: float) -> float:
    """Natural logarithm of a positive normal number, with a relative error of about 1e-15.

    x = m 2^e with m about 1; ln m = 2 artanh s with s = (m - 1) / (m + 1), by the power series.
    """
    bits = np.float64(x).view(np.int64)
    mantissa = np.int64((bits & _MANTISSA) | _ONE).view(np.float64)
    large = mantissa > _SQRT2
    m = 0.5 * mantissa if large else mantissa
    exponent = np.float64((bits >> 52) - 1023) + (1.0 if large else 0.0)
    s = (m - 1.0) / (m + 1.0)
    z = s * s
    # Terms in pairs, which the processor can evaluate at the same time.
    z2 = z * z
    z4 = z2 * z2
    series = (1 / 3 + z * (1 / 5)) + z2 * (1 / 7 + z * (1 / 9))
    series += z4 * ((1 / 11 + z * (1 / 13)) + z2 * ((1 / 15 + z * (1 / 17)) + z2 * (1 / 19)))
    return exponent * _LN2 + 2.0 * (s + s * z * series)


@compiled_inline
def sine_and_cosine_of_turn(u: float) -> tuple[float, float]:
    """Sine and cosine of 2 pi u for u in [0, 1), with an error of about 1e-15.

    By power series of the angle to the nearest multiple of pi/2.
    """
    quarter = np.floor(4.0 * u + 0.5)
    x = (4.0 * u - quarter) * _HALF_PI
    z = x * x
    # Terms in pairs, which the processor can evaluate at the same time.
    z2 = z * z
    z4 = z2 * z2
    s = z4 * (-1 / 39916800 + z * (1 / 6227020800) - z2 * (1 / 1307674368000))
    s += (-1 / 6 + z * (1 / 120)) + z2 * (-1 / 5040 + z * (1 / 362880))
    s = x + x * z * s
    c = z2 * (-1 / 87178291200 + z * (1 / 20922789888000))
    c = z4 * ((-1 / 3628800 + z * (1 / 479001600)) + c)
    c += (-0.5 + z * (1 / 24)) + z2 * (-1 / 720 + z * (1 / 40320))
    c = 1.0 + z * c
    swapped = quarter == 1.0 or quarter == 3.0
    sine = c if swapped else s
    cosine = s if swapped else c
    sine = -sine if quarter == 2.0 or quarter == 3.0 else sine
    cosine = -cosine if quarter == 1.0 or quarter == 2.0 else cosine
    return sine, cosine
