"""What the page Watch-list and its views share."""
