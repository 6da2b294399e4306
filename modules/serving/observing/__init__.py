"""What whoever serves the app can see of it: logs, errors by number, whether it is ready, and figures for Prometheus."""
