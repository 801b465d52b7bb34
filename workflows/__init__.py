"""One use case a file: read these to understand the product."""
