"""The brief: one HTML file about the lakes of a watch-list, to be printed or opened without any network."""
