"""`darklat relic`: the history of one relic, from a configuration and without a run."""
