"""Raw tables in, one point-in-time profile a customer out."""
