# Generated from openapi.yaml and overlay.yaml by `python -m codegen`. Do not edit.
"""The version of the package, in a module that imports nothing."""

__version__ = "0.8.1"
