"""The plotly widget and its JavaScript."""
