"""Decision models: demand forecasts, baskets and inventory policy, as pure functions over polars frames."""
