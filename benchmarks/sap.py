"""Run service areas of given facilities (zys, gys); see `benchmarks.area`."""

from benchmarks.area import command

if __name__ == "__main__":
    command("sap")
