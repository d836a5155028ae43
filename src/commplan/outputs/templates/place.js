/* Where things lie: which area holds a point, and how far areas reach. */
"use strict";
(function (app) {
  const { data, unpack, latLng } = app;
  const cell = 4000; // 1e-6 degrees, about 400 m

  function boxOf(rings) {
    const box = [Infinity, Infinity, -Infinity, -Infinity];
    for (const ring of rings) {
      let x = 0;
      let y = 0;
      for (let i = 0; i < ring.length; i += 2) {
        x += ring[i];
        y += ring[i + 1];
        box[0] = Math.min(box[0], x);
        box[1] = Math.min(box[1], y);
        box[2] = Math.max(box[2], x);
        box[3] = Math.max(box[3], y);
      }
    }
    return box;
  }

  /* Which area lies at a point: a grid of boxes, then the even-odd rule. */
  app.finder = function (ringsOf) {
    const grid = new Map();
    ringsOf.forEach((rings, row) => {
      const box = boxOf(rings);
      for (let i = Math.floor(box[0] / cell); i <= Math.floor(box[2] / cell); i++) {
        for (let j = Math.floor(box[1] / cell); j <= Math.floor(box[3] / cell); j++) {
          const key = i + "," + j;
          if (!grid.has(key)) grid.set(key, []);
          grid.get(key).push(row);
        }
      }
    });
    return function at(point) {
      const [px, py] = app.packed(point);
      const rows = grid.get(Math.floor(px / cell) + "," + Math.floor(py / cell)) || [];
      const found = rows.find((row) => app.isInside(ringsOf[row], px, py));
      return found === undefined ? null : found;
    };
  };

  /* Degrees as the packed whole numbers, from the origin. */
  app.packed = function (point) {
    return [point.lng * 1e6 - data.origin[0], point.lat * 1e6 - data.origin[1]];
  };

  app.isInside = function (rings, px, py) {
    let inside = false;
    for (const ring of rings) {
      let x = ring[0];
      let y = ring[1];
      const startX = x;
      const startY = y;
      for (let i = 2; i <= ring.length; i += 2) {
        const nextX = i < ring.length ? x + ring[i] : startX;
        const nextY = i < ring.length ? y + ring[i + 1] : startY;
        if (y > py !== nextY > py && px < ((nextX - x) * (py - y)) / (nextY - y) + x) inside = !inside;
        x = nextX;
        y = nextY;
      }
    }
    return inside;
  };

  app.extent = function (rows) {
    const bounds = L.latLngBounds([]);
    for (const rings of rows) for (const ring of rings) for (const point of unpack(ring)) bounds.extend(point);
    return bounds;
  };

  app.everything = function () {
    const shown = data.proposed.length ? data.proposed.map((r) => r.rings) : data.units.rings;
    const bounds = app.extent(shown);
    if (!data.proposed.length) {
      for (const village of data.villages) {
        bounds.extend(app.extent([village.rings]));
        if (village.at) bounds.extend(latLng(village.at));
      }
    }
    return bounds;
  };

  app.boxOf = boxOf;
})(commplan);
