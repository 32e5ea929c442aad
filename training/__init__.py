"""How the models are made: data sets and one trainer per model."""
