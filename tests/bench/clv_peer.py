"""What lifetimes takes for the fit and twelve-month value of the customers that `clv million DAYS FILE` wrote.

clv_peer.py DAYS FILE: prints seconds of fit and value, of the fit alone, and the mean value. Reading is not timed.
"""
import sys
import time
import warnings

import numpy
import pandas
from lifetimes import BetaGeoFitter, GammaGammaFitter

warnings.simplefilter("ignore")
weekly = sys.argv[1] == "7"
x, t_x, T, mean = (pandas.Series(column) for column in numpy.fromfile(sys.argv[2]).reshape(4, -1))
monthly = 1.1 ** ((4.345 * 7 if weekly else 30) / 365.25) - 1  # ten per cent a year

begin = time.monotonic()
buying = BetaGeoFitter()
buying.fit(x, t_x, T)
paying = GammaGammaFitter()
repeated = x > 0
paying.fit(x[repeated], mean[repeated])
fitted = time.monotonic()
value = paying.customer_lifetime_value(
    buying, x, t_x, T, mean, time=12, discount_rate=monthly, freq="W" if weekly else "D"
)
print(f"{time.monotonic() - begin:.3f} {fitted - begin:.3f} {value.mean():.4f}")
