"""Groups of commands, one file a group. Heavy imports stay inside the commands."""
