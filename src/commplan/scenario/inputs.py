"""From the scenario's sections to the options of each stage."""

from pathlib import Path

from commplan.scenario.schema import Layer, Scenario, is_url
from commplan.territory.schema import LayerSource


def layer_sources(scenario: Scenario) -> dict[str, LayerSource]:
    """Return where each layer of the scenario comes from."""
    return {name: _source(name, layer) for name, layer in scenario.layers.named().items()}


def _source(name: str, layer: Layer) -> LayerSource:
    return LayerSource(
        layer=name,
        path=layer.path if is_url(layer.path) else Path(layer.path),
        sublayer=layer.layer,
        where=layer.where,
        columns=dict(layer.columns),
        fill=dict(layer.fill),
        constants=dict(layer.constants),
        crs=layer.crs,
    )


def input_files(scenario: Scenario) -> dict[str, Path]:
    """Return the files that the scenario reads, by layer; databases are left out."""
    paths = {n: layer.path for n, layer in scenario.layers.named().items()}
    return {name: Path(path) for name, path in paths.items() if not is_url(path)}


def redraw_options(scenario: Scenario) -> "RedrawOptions":
    """Return the options of posing the redraw problem."""
    from commplan.pose.communities import RedrawOptions

    section = scenario.redraw
    return RedrawOptions(
        min_households=section.min_households,
        max_households=section.max_households,
        target_households=section.target_households,
        within_subdistrict=section.within_subdistrict,
        weights=section.weights,
        grandfather=section.grandfather,
        exceptions=tuple((e.units, e.rule, e.reason) for e in section.exceptions),
    )


def redraw_params(scenario: Scenario) -> "RedrawParams":
    """Return the parameters of the search."""
    from commplan.optimise.communities.redraw import RedrawParams

    section = scenario.redraw
    return RedrawParams(
        effort=section.effort, seed=scenario.scenario.seed, time_limit_s=section.time_limit_s
    )
