/* Areas and lines drawn straight from the packed rings: Leaflet's own would hold two objects for each
   corner and make two more at each zoom, which is what a page of a whole city would wait for. */
"use strict";
(function (app) {
  const { data } = app;
  const world = 256; // pixels across the world at zoom 0
  const finest = 0.7; // pixels: a corner this near to the last one shows nothing
  const known = new WeakMap();

  /* Web Mercator at zoom 0, in pixels from the data's origin, and the box around it; once for a ring. */
  function shapeOf(ring) {
    if (known.has(ring)) return known.get(ring);
    const xy = new Float64Array(ring.length);
    const box = [Infinity, Infinity, -Infinity, -Infinity];
    const [west, south] = data.origin;
    const start = northing(south / 1e6);
    let [lng, lat] = [0, 0];
    for (let i = 0; i < ring.length; i += 2) {
      lng += ring[i];
      lat += ring[i + 1];
      xy[i] = (lng / 1e6) * (world / 360);
      xy[i + 1] = northing((south + lat) / 1e6) - start;
      box[0] = Math.min(box[0], xy[i]);
      box[1] = Math.min(box[1], xy[i + 1]);
      box[2] = Math.max(box[2], xy[i]);
      box[3] = Math.max(box[3], xy[i + 1]);
    }
    const shape = { xy, box };
    known.set(ring, shape);
    return shape;
  }

  function northing(degrees) {
    const sine = Math.sin((degrees * Math.PI) / 180);
    return world * (0.5 - Math.log((1 + sine) / (1 - sine)) / (4 * Math.PI));
  }

  /* Bits for the sides of a box beyond which a point lies. */
  function beyond(x, y, box) {
    return (x < box[0] ? 1 : x > box[2] ? 2 : 0) | (y < box[1] ? 4 : y > box[3] ? 8 : 0);
  }

  /* One ring or line as a path. A run of corners beyond the same side of the view becomes one. */
  function trace(ctx, { xy }, place, view, closed) {
    const { scale, left, top } = place;
    const last = xy.length - 2;
    let x = xy[0] * scale + left;
    let y = xy[1] * scale + top;
    ctx.moveTo(x, y);
    let side = beyond(x, y, view);
    let waiting = false;
    let [waitX, waitY] = [0, 0];
    for (let i = 2; i <= last; i += 2) {
      const nextX = xy[i] * scale + left;
      const nextY = xy[i + 1] * scale + top;
      if (i < last && Math.abs(nextX - x) < finest && Math.abs(nextY - y) < finest) continue;
      const there = beyond(nextX, nextY, view);
      if (waiting && !(side & there)) {
        ctx.lineTo(waitX, waitY);
        side = beyond(waitX, waitY, view);
      }
      waiting = Boolean(side & there);
      if (waiting) {
        side &= there;
        [waitX, waitY] = [nextX, nextY];
      } else {
        ctx.lineTo(nextX, nextY);
        side = there;
      }
      x = nextX;
      y = nextY;
    }
    if (waiting) ctx.lineTo(waitX, waitY);
    if (closed) ctx.closePath();
  }

  /* Rings or lines of one look. `look` may be a function: it is asked anew at each zoom. */
  app.Shapes = L.Path.extend({
    initialize(parts, look, options) {
      this._shapes = parts.filter((part) => part.length >= 4).map(shapeOf);
      this._look = typeof look === "function" ? look : null;
      L.setOptions(this, { interactive: false, ...options, ...(this._look ? {} : look) });
      this._box = [Infinity, Infinity, -Infinity, -Infinity];
      for (const { box } of this._shapes) {
        for (const i of [0, 1]) {
          this._box[i] = Math.min(this._box[i], box[i]);
          this._box[i + 2] = Math.max(this._box[i + 2], box[i + 2]);
        }
      }
    },
    beforeAdd(map) {
      if (this._look) L.setOptions(this, this._look());
      L.Path.prototype.beforeAdd.call(this, map);
    },
    _project() {
      const zoom = this._map.getZoom();
      if (this._look) {
        L.setOptions(this, this._look());
        this._renderer._updateDashArray(this);
      }
      const corner = this._map.project(app.latLng([0, 0]), zoom).subtract(this._map.getPixelOrigin());
      this._place = { scale: 2 ** zoom, left: corner.x, top: corner.y };
      const [west, north, east, south] = this._onScreen(this._box);
      const edge = (this.options.weight || 0) / 2 + 1;
      this._pxBounds = L.bounds([west - edge, north - edge], [east + edge, south + edge]);
    },
    _onScreen(box) {
      const { scale, left, top } = this._place;
      return [box[0] * scale + left, box[1] * scale + top, box[2] * scale + left, box[3] * scale + top];
    },
    _update() {}, // nothing is cut out beforehand: `_updatePath` leaves out what the view does not hold
    _updatePath() {
      const renderer = this._renderer;
      if (!renderer._drawing || !this._shapes.length || !(this.options.fill || this.options.stroke)) return;
      const { min, max } = renderer._bounds;
      const edge = (this.options.weight || 0) + 2;
      const view = [min.x - edge, min.y - edge, max.x + edge, max.y + edge];
      const ctx = renderer._ctx;
      ctx.beginPath();
      for (const shape of this._shapes) {
        const [west, north, east, south] = this._onScreen(shape.box);
        if (west > view[2] || east < view[0] || north > view[3] || south < view[1]) continue;
        trace(ctx, shape, this._place, view, this.options.closed);
      }
      renderer._fillStroke(ctx, this);
    },
  });
})(commplan);
