"""The whole path, from raw data to a published warehouse, a forecast, a purchase list and a report, in one command."""

from ecomops.demo.online_retail import SHARED, run_online_retail
from ecomops.demo.shops import run_shops

__all__ = ["SHARED", "run_online_retail", "run_shops"]
