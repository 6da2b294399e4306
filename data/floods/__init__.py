"""Outburst floods: records of them become events of the lakes they came from."""
