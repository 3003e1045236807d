"""Great Expectations at the raw boundary and before publishing."""
