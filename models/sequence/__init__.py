"""The counting-crossings network of the sequence lab: random curves, the cell of the talk, its training."""
