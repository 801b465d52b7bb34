"""One page a file: each builds what a visitor sees at one address."""
