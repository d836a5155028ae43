"""Run the choice of sites on the p-median (OR-Library pmed); see `benchmarks.siting`."""

from benchmarks.siting import command

if __name__ == "__main__":
    command("pmedian")
