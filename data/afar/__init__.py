"""Datasets on object storage (S3 and what speaks like it): tables are copied to this machine, images are read where they lie."""
