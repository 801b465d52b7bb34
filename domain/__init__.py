"""The vocabulary: what every other package speaks, and nothing that does I/O."""
