"""Images over HTTP: what the addresses of `modules.image_urls` answer.

`routes` is all that the app imports at its start; rasterio and Pillow are loaded with the first image asked for.
"""
