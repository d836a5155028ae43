/* The charts: one map of Leaflet with its canvases each; the page's own, and a second to compare. */
"use strict";
(function (app) {
  const { data, state, t, element } = app;
  const panes = ["communities", "isochrones", "villages", "streets", "barriers", "units", "moves",
    "borders", "edits", "amenities", "rooms", "labels"];

  /* A chart of the view that `view()` names. */
  app.makeChart = function (id, options, view) {
    const map = L.map(id, { ...options, zoomControl: false, attributionControl: false, zoomSnap: 0.1,
      zoomDelta: 0.5, wheelPxPerZoomLevel: 90, maxZoom: 19, boxZoom: false, renderer: new app.Sheet() });
    const chart = { map, view, renderers: {}, groups: {} };
    panes.forEach((pane, i) => {
      map.createPane(pane).style.zIndex = 400 + 10 * i;
      chart.renderers[pane] = new app.Sheet({ pane, padding: 0.15 });
    });
    /* How large communities show, from 0.3 (a province) to 1: lines get thinner with them. */
    chart.fineness = function () {
      const count = Math.max(data.today.length, data.proposed.length) || data.units.id.length / 30;
      return Math.min(1, Math.max(0.3, across(count) / 80));
    };
    /* Pixels from side to side of one of so many parts of the ground. */
    function across(count) {
      const corners = [app.home.getSouthWest(), app.home.getNorthEast()].map((c) => map.project(c));
      return Math.sqrt(Math.abs((corners[1].x - corners[0].x) * (corners[1].y - corners[0].y)) / Math.max(1, count));
    }
    chart.across = across;
    chart.unitAcross = () => across(data.units.id.length);
    chart.layer = function (part) {
      const group = L.layerGroup();
      chart.groups[part] = group;
      // Drawn when first shown: a layer that stays hidden costs nothing.
      group.on("add", () => { if (!group.getLayers().length) app.draw[part](chart, group); });
      return group;
    };
    chart.redraw = function (part) {
      const group = chart.groups[part];
      if (!group) return;
      group.clearLayers();
      if (map.hasLayer(group)) app.draw[part](chart, group);
    };
    return chart;
  };

  /* The marks of rooms get smaller where communities do. */
  app.followZoom = function (chart) {
    const marks = () => {
      const { classList } = chart.map.getContainer();
      classList.toggle("small-marks", chart.fineness() < 0.6);
      classList.toggle("tiny-marks", chart.fineness() < 0.45);
    };
    marks();
    chart.map.on("zoomend", marks);
  };

  app.createMap = function (id, options) {
    app.home = app.everything();
    app.main = app.makeChart(id, options, () => state.view);
    app.map = app.main.map;
    app.layers = app.main.groups;
    document.getElementById("legend").open = !window.matchMedia("(max-width: 1000px)").matches;
    app.goHome();
    app.map.setMinZoom(app.map.getZoom() - 1);
    app.watchPointer(app.main);
    app.followZoom(app.main);
    return app.map;
  };

  app.layer = (part) => app.main.layer(part);

  app.charts = () => (app.other ? [app.main, app.other] : [app.main]);

  app.redrawLayer = function (part) {
    for (const chart of app.charts()) chart.redraw(part);
  };

  /* Room left free beside the legend, where there is enough for both, under the switch and over a bar of years. */
  function padding() {
    const legend = document.getElementById("legend");
    const size = app.map.getSize();
    const beside = legend.open && size.x > 700 && size.x > size.y ? Math.max(216, legend.offsetWidth) + 22 : 20;
    const years = app.printing ? null : document.getElementById("years"); // the bar of a rollout
    const under = years ? years.offsetHeight + 12 : 0;
    return { paddingTopLeft: [beside, data.proposed.length && !app.printing ? 62 : 20], paddingBottomRight: [60, 24 + under] };
  }

  app.goHome = function () {
    if (app.home.isValid()) app.map.fitBounds(app.home, { ...padding(), animate: false });
  };

  /* Whether the whole ground is in view. */
  app.isHome = () => app.home.isValid() && app.map.getBounds().contains(app.home);

  app.zoomTo = function (rings) {
    const bounds = app.extent([rings]);
    if (bounds.isValid()) app.map.fitBounds(bounds.pad(0.15), { ...padding(), maxZoom: 17 });
  };

  /* Moves the map only where the area would lie outside of it, or under the switch at its top. */
  app.showRings = function (rings) {
    const { map } = app;
    const bounds = app.extent([rings]);
    if (!bounds.isValid()) return;
    const corners = [bounds.getNorthWest(), bounds.getSouthEast()].map((c) => map.latLngToContainerPoint(c));
    const size = map.getSize();
    if (corners[0].x >= 0 && corners[0].y >= 56 && corners[1].x <= size.x && corners[1].y <= size.y) return;
    map.fitBounds(bounds, { paddingTopLeft: [24, 64], paddingBottomRight: [24, 30], maxZoom: map.getZoom(), animate: false });
  };

  /* For paper all canvases become one: browsers print a stack of them badly, and large ones at
     once would take much memory, so each is drawn finely, copied and emptied. */
  app.flatten = function () {
    const { map, main: { renderers }, paperScale } = app;
    const size = map.getSize();
    const scratch = element("canvas", { width: size.x * paperScale, height: size.y * paperScale });
    const pen = scratch.getContext("2d", { willReadFrequently: true });
    const isOver = Boolean(app.basemapIsWhole && app.basemapIsWhole());
    if (!isOver) {
      pen.fillStyle = "#ffffff";
      pen.fillRect(0, 0, scratch.width, scratch.height);
    }
    for (const pane of panes) {
      const renderer = renderers[pane];
      if (!renderer._map || (isOver && pane === "streets")) continue;
      pen.globalAlpha = isOver && pane === "communities" ? 0.72 : 1;
      renderer._reset();
      renderer.drawNow();
      const at = map.layerPointToContainerPoint(renderer._bounds.min);
      pen.drawImage(renderer._container, at.x * paperScale, at.y * paperScale);
      renderer._container.width = renderer._container.height = 0;
    }
    // Pixels, not drawing steps: Chromium prints the steps of a large canvas at a wrong scale.
    const sheet = element("canvas", { id: "print-sheet", width: scratch.width, height: scratch.height });
    sheet.getContext("2d").putImageData(pen.getImageData(0, 0, scratch.width, scratch.height), 0, 0);
    sheet.style.width = size.x + "px";
    sheet.style.height = size.y + "px";
    map.getPanes().mapPane.append(sheet);
    L.DomUtil.setPosition(sheet, map.containerPointToLayerPoint([0, 0]));
  };

  app.unflatten = function () {
    document.getElementById("print-sheet")?.remove();
    for (const renderer of Object.values(app.main.renderers)) {
      if (renderer._map) {
        renderer._reset();
        renderer.drawNow();
      }
    }
  };
})(commplan);
