/* The base map: no tile is asked for before the viewer presses the button that names the host. */
"use strict";
(function (app) {
  const { data, t, element } = app;
  const source = data.basemap;
  const tileSize = 256;
  let isOn = false;
  let failed = false;
  const layers = new Map(); // the tile layers of each chart

  /* WGS 84 degrees as GCJ-02: the formula of territory/shifted.py, with its sources. */
  app.toGcj02 = function (point) {
    const { sin, sqrt, abs, cos, PI } = Math;
    if (point.lng < 72.004 || point.lng > 137.8347 || point.lat < 0.8293 || point.lat > 55.8271) return point;
    const x = point.lng - 105;
    const y = point.lat - 35;
    const waves = 20 * sin(6 * PI * x) + 20 * sin(2 * PI * x);
    const east = waves + 20 * sin(PI * x) + 40 * sin((PI * x) / 3) + 150 * sin((PI * x) / 12) + 300 * sin((PI * x) / 30);
    const north = waves + 20 * sin(PI * y) + 40 * sin((PI * y) / 3) + 160 * sin((PI * y) / 12) + 320 * sin((PI * y) / 30);
    const eastM = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * sqrt(abs(x)) + (east * 2) / 3;
    const northM = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * sqrt(abs(x)) + (north * 2) / 3;
    const lat = (point.lat / 180) * PI;
    const e2 = 0.00669342162296594323;
    const flat = 1 - e2 * sin(lat) ** 2;
    const across = (6378245 / sqrt(flat)) * cos(lat);
    const along = (6378245 * (1 - e2)) / flat ** 1.5;
    return L.latLng(point.lat + (northM / along / PI) * 180, point.lng + (eastM / across / PI) * 180);
  };

  /* Step by step: each leaves less than 2 % of the error. */
  app.fromGcj02 = function (point) {
    let found = point;
    for (let i = 0; i < 8; i++) {
      const there = app.toGcj02(found);
      found = L.latLng(found.lat - (there.lat - point.lat), found.lng - (there.lng - point.lng));
    }
    return found;
  };

  /* Tiles drawn in GCJ-02, each laid where the ground at its middle belongs. The shift changes by
     less than 1 % of a distance, so neighbours meet within two pixels. */
  const ShiftedTiles = L.TileLayer.extend({
    _getTiledPixelBounds(centre) {
      const bounds = L.TileLayer.prototype._getTiledPixelBounds.call(this, app.toGcj02(centre));
      const margin = bounds.getSize().multiplyBy(0.01);
      return L.bounds(bounds.min.subtract(margin), bounds.max.add(margin));
    },
    _getTilePos(coords) {
      const middle = coords.add([0.5, 0.5]).multiplyBy(tileSize);
      const belongs = this._map.project(app.fromGcj02(this._map.unproject(middle, coords.z)), coords.z);
      const shift = belongs.subtract(middle);
      return L.TileLayer.prototype._getTilePos.call(this, coords).add(shift).round();
    },
  });

  function makeLayers() {
    const Tiles = source.gcj02 ? ShiftedTiles : L.TileLayer;
    return source.urls.map((url) => {
      const layer = new Tiles(url, { maxNativeZoom: source.maxZoom, maxZoom: 19, keepBuffer: 1, updateWhenZooming: false });
      layer.on("tileerror", () => { if (!failed) { failed = true; drawCredit(); } });
      return layer;
    });
  }

  function drawCredit() {
    const credit = document.getElementById("basemap-credit");
    credit.hidden = !isOn;
    const words = [app.inLanguage(source.credit)];
    if (failed) words.push(element("br"), element("strong", {}, t("basemap_failed", { host: source.host })));
    credit.replaceChildren(...words);
  }

  /* Put the base map under every chart that stands, or take it away. */
  app.layBasemap = function () {
    for (const chart of layers.keys()) if (!app.charts().includes(chart)) layers.delete(chart);
    for (const chart of app.charts()) {
      if (isOn && !layers.has(chart)) layers.set(chart, makeLayers());
      for (const layer of layers.get(chart) || []) isOn ? layer.addTo(chart.map) : layer.remove();
    }
    document.documentElement.classList.toggle("with-basemap", isOn);
    drawCredit();
  };

  /* Whether every tile of the page's own chart is there: what is not cannot be printed. */
  app.basemapIsWhole = () => isOn && (layers.get(app.main) || []).every((layer) => !layer.isLoading());

  app.basemapIsOn = () => isOn;

  /* Waits until it is whole, but not longer than that. */
  app.basemapWhole = async function (mostMs) {
    for (let waited = 0; waited < mostMs && !app.basemapIsWhole(); waited += 100) {
      await new Promise((done) => setTimeout(done, 100));
    }
  };

  app.basemapButton = function () {
    const words = { name: app.inLanguage(source.name), host: source.host };
    return element("button", { type: "button", id: "basemap", class: "plain", "aria-pressed": String(isOn),
      on: { click: () => {
        isOn = !isOn;
        failed = false;
        app.layBasemap();
        const button = app.basemapButton();
        document.getElementById("basemap").replaceWith(button);
        button.focus();
      } } }, t(isOn ? "basemap_hide" : "basemap_show", words));
  };

  app.listeners.push((changes) => { if ("language" in changes) drawCredit(); });
  document.getElementById("frame").append(element("div", { id: "basemap-credit", role: "status", hidden: true }));
})(commplan);
