"""The contract of every figure table: its key, vocabularies, and relations between columns and rows."""

from . import deaths, population, supply, texts
from .base import FORMS, Contract

CONTRACTS: dict[str, Contract] = deaths.CONTRACTS | population.CONTRACTS | supply.CONTRACTS | texts.CONTRACTS

__all__ = ["CONTRACTS", "FORMS", "Contract"]
