"""The files that make a shapefile. Apart from its reader, which brings GDAL: the page that takes them in needs their suffixes alone."""

PARTS = (".shp", ".shx", ".dbf", ".prj", ".cpg")
