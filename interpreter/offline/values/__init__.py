"""Typed values of a brief: numbers, money, shares, durations and dates, with their bounds."""
