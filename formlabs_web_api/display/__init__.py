"""How models are shown: columns and formats once; HTML, console and plain-text renderers."""
