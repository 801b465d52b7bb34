"""The few features behind each behavioural axis, from the same raw tables as profiles."""
