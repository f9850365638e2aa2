"""The rooms of `bench.send`: the house it measures, what it is measured beside, and the reading of figures."""
