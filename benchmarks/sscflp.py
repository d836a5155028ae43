"""Run the choice of sites on single-source location (Holmberg, Yang); see `benchmarks.siting`."""

from benchmarks.siting import command

if __name__ == "__main__":
    command("sscflp")
