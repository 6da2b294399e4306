"""Invented names. None is a place: whoever reads one knows that it comes from the simulator."""

NORTH, SOUTH = 1.0, -1.0

BASINS: tuple[tuple[str, str, float, tuple[str, ...]], ...] = (
    ("Ovrenka", "Maroveth", SOUTH, ("Upper Ovrenka", "Tesk Valley", "Imbrel", "Lower Ovrenka", "Darvun")),
    ("Quelbrand", "Maroveth", SOUTH, ("Sarnith", "Quelbrand Fork", "Ulvemot", "Pellowan")),
    ("Yastavelle", "Ostrind", SOUTH, ("West Yasta", "Mirrokan", "East Yasta", "Chelduin", "Norrasp")),
    ("Tulsimarn", "Ostrind", NORTH, ("Fenquar", "Tulsi Gorge", "Abrennic", "Holm of Tuls")),
)
"""(basin, country, side of the crest it drains to, its sub-basins from west to east)."""

LAKE_NAMES = (
    "Ambrinel", "Bessoway", "Corvanth", "Delumere", "Eskarrow", "Fironde", "Galmeth", "Hesperay", "Iskavane", "Jorrimel",
    "Kestavar", "Lumenoth", "Merrivask", "Nalvoren", "Orrisand", "Pelandrow", "Quorvessa", "Rimmadel", "Sulvarine", "Tarnoveth",
    "Umbrasel", "Vessimarl", "Wyrrendal", "Xanthemor", "Yllendrin", "Zarrowmere",
)  # fmt: skip
"""For the largest lakes; as in real inventories, most have no name."""
