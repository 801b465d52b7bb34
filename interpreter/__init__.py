"""Briefs become Campaign Objective Objects: one entrance (`reader`), two readers behind it."""
