"""Generate the API classes, models, namespaces and reference pages from openapi.yaml."""
