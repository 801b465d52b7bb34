"""A synthetic customer base whose true effects are known."""
