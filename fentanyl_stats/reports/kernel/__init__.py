"""The kernel of notebooks: forks of one preloaded process, behind papermill's own engine."""
