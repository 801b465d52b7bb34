"""Base clustering: segments before any campaign, and the behavioural axes."""
