"""One room per field: the ALP, gauge fields, massive fields, the conductor, pairs."""
