"""A made-up jurisdiction whose pack holds every kind of clock, gate and opening that the format knows."""
