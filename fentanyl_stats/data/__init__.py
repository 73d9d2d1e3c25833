"""Figure tables: the catalogue, the contracts, the loaded frames, and the vintages they came in."""
