"""Moraine's tests: flat, one file a source file; browser/ drives the app, bench/ and soak/ are run by hand."""
