"""The guard: what every request and every WebSocket passes before the app sees it."""
