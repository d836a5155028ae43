/* Outlines of edited communities: the sides of their blocks that no two of them share. */
"use strict";
(function (app) {
  const { data } = app;

  function pointsOf(rings) {
    return rings.map((ring) => {
      const points = [];
      let x = 0;
      let y = 0;
      for (let i = 0; i < ring.length; i += 2) {
        x += ring[i];
        y += ring[i + 1];
        points.push([x, y]);
      }
      return points;
    });
  }

  function blockRings(unit) {
    return data.edit.blocks[unit] || data.units.rings[unit];
  }

  /* Sides that occur an odd number of times, each as two points. */
  function outerSides(inside) {
    const sides = new Map();
    for (const unit of inside) {
      for (const points of pointsOf(blockRings(unit))) {
        points.forEach((a, i) => {
          const b = points[(i + 1) % points.length];
          const forth = a[0] < b[0] || (a[0] === b[0] && a[1] <= b[1]);
          const key = (forth ? [a, b] : [b, a]).flat().join(",");
          if (sides.has(key)) sides.delete(key);
          else sides.set(key, [a, b]);
        });
      }
    }
    return [...sides.values()];
  }

  /* The packed rings of a union of blocks; rings fill by the even-odd rule, as everywhere here. */
  app.outline = function (inside) {
    const sides = outerSides(inside);
    const at = new Map();
    const key = (point) => point[0] + "," + point[1];
    sides.forEach((side, i) => {
      for (const point of side) {
        if (!at.has(key(point))) at.set(key(point), []);
        at.get(key(point)).push(i);
      }
    });
    const used = new Array(sides.length).fill(false);
    const rings = [];
    sides.forEach((side, first) => {
      if (used[first]) return;
      const points = [side[0]];
      let here = side[1];
      used[first] = true;
      while (key(here) !== key(points[0])) {
        points.push(here);
        const next = at.get(key(here)).find((i) => !used[i]);
        if (next === undefined) break;
        used[next] = true;
        here = key(sides[next][0]) === key(here) ? sides[next][1] : sides[next][0];
      }
      if (points.length > 2) rings.push(points);
    });
    return rings.map((points) => points.flatMap(([x, y], i) => (i ? [x - points[i - 1][0], y - points[i - 1][1]] : [x, y])));
  };

  /* Where a name goes: in the unit nearest to the middle of the community. */
  app.middle = function (inside) {
    const centres = inside.map((unit) => {
      const box = app.boxOf(data.units.rings[unit]);
      return [(box[0] + box[2]) / 2, (box[1] + box[3]) / 2];
    });
    const mean = [0, 1].map((axis) => centres.reduce((sum, c) => sum + c[axis], 0) / centres.length);
    const off = centres.map((c) => (c[0] - mean[0]) ** 2 + (c[1] - mean[1]) ** 2);
    return centres[off.indexOf(Math.min(...off))].map(Math.round);
  };
})(commplan);
