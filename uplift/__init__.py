"""How much each trigger would change the outcome, for every customer."""
