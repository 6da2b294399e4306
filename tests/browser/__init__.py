"""Tests that drive the app in headless Chromium; they run in a process of their own."""
