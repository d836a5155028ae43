"""Run the choice of sites on maximal covering (SJC, San Francisco); see `benchmarks.siting`."""

from benchmarks.siting import command

if __name__ == "__main__":
    command("mclp")
