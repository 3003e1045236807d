"""Plays policies against a past or a made-up future, with lost sales and random lead times."""
