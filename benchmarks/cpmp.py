"""Run the choice of sites on the capacitated p-median (SJC, Kong's geo); see `benchmarks.siting`."""

from benchmarks.siting import command

if __name__ == "__main__":
    command("cpmp")
