"""What the Sequence lab needs beside its view: the runs, what of them travels to the browser, and the route."""
