"""Behind the page Segment: what is segmented, by what, and what comes of it. The views are in `modules/views`.

`subject` and `choice` hold records; `reading` and `measuring` bring rasterio, and are loaded with the first image.
"""
