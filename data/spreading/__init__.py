"""One function over many items: in this process, in several that end with it, or on a cluster. The same answers from each.

    with crew(workers=4) as hands:
        for answer in hands.map(work, items, seconds=estimate, named=str):
            …

`work`, its items and its answers are pickled wherever another process works. Answers come in the order in which they are ready, from one
worker in that of the items: whoever writes them down puts them in an order of their own. An item whose worker dies is given out again; one
that its worker dies of every time is named once all others are done.
"""

from data.spreading.crew import crew
from data.spreading.hands import Alone, Hands
from data.spreading.sizing import workers_of

__all__ = ["Alone", "Hands", "crew", "workers_of"]
