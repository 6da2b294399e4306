"""The watch-list: which lakes to look at first. Components scaled to 0–1, a mix of them that a person weighs, and the order it gives."""
