"""The HTTP door through which marketing platforms pull segments."""
