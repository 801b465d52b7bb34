"""The pages that marketers use: NiceGUI over `workflows` and `domain`, never SQL, never a model."""
