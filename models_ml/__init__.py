"""Decision models: demand forecasts, baskets, matching and inventory policy, as pure functions over polars frames."""
