"""Reports: the weekly operations PDF, the dashboard and the exports, from the rpt_ tables only."""
