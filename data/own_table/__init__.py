"""A visitor's own table of lakes: three questions, each with a guess, and a dataset that lasts as long as the visit.

`files` takes in what was handed in. All that opens it runs where untrusted files are opened: `look` says what a table holds and guesses
the answers, `make` imports it by the answers that were given.
"""
