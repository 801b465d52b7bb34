"""The composition: settings, command line, server."""
