"""A marketer's brief in plain words becomes a Campaign Objective Object."""
