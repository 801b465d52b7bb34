"""Immutable Parquet snapshots, and the relational control plane beside them."""
