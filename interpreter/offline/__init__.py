"""The embedded reader: rules over typed values, and a small linear model over sentence meaning."""
