"""What the hindcast asks for, works out and draws."""
