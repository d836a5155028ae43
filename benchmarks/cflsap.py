"""Run service areas with facilities to choose (zya, gya); see `benchmarks.area`."""

from benchmarks.area import command

if __name__ == "__main__":
    command("cflsap")
