"""The generator: reads openapi.yaml and overlay.yaml, writes the API classes, models and docs."""
