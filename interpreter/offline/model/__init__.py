"""The linear model over sentence meaning: labelled phrases, training, committed coefficients."""
