"""What a visit looks at, as part of its address, and back. Pure; no shiny."""
