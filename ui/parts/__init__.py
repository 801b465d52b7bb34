"""What pages are made of: one component a file."""
