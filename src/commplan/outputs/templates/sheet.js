/* What maps are drawn with: a canvas that hatches and prints finely, dots with signs, names. */
"use strict";
(function (app) {
  const { element, latLng } = app;
  const paperScale = 3;

  /* A canvas that can hatch, and that is drawn finely for paper. */
  const Sheet = L.Canvas.extend({
    _fillStroke(ctx, layer) {
      L.Canvas.prototype._fillStroke.call(this, ctx, layer);
      if (!layer.options.hatch) return;
      ctx.globalAlpha = 1;
      ctx.fillStyle = hatch(ctx, layer.options.hatch, layer.options.step || 8);
      ctx.fill("evenodd");
    },
    _update() {
      if (this._map._animatingZoom && this._bounds) return;
      L.Renderer.prototype._update.call(this);
      const bounds = this._bounds;
      const size = bounds.getSize();
      const sharp = app.printing ? paperScale : Math.min(2, Math.ceil(window.devicePixelRatio || 1));
      L.DomUtil.setPosition(this._container, bounds.min);
      this._container.width = sharp * size.x;
      this._container.height = sharp * size.y;
      this._container.style.width = size.x + "px";
      this._container.style.height = size.y + "px";
      this._ctx.scale(sharp, sharp);
      this._ctx.translate(-bounds.min.x, -bounds.min.y);
      this.fire("update");
    },
    drawNow() {
      this._redrawBounds = null;
      this._redraw();
    },
  });

  function hatch(ctx, colour, side) {
    const tile = document.createElement("canvas");
    const scale = ctx.getTransform().a;
    tile.width = tile.height = side * scale;
    const pen = tile.getContext("2d");
    pen.scale(scale, scale);
    pen.strokeStyle = colour;
    pen.lineWidth = 1.3;
    pen.beginPath();
    for (const shift of [-side, 0, side]) {
      pen.moveTo(shift, side);
      pen.lineTo(shift + side, 0);
    }
    pen.stroke();
    const pattern = ctx.createPattern(tile, "repeat");
    pattern.setTransform(new DOMMatrix().scale(1 / scale));
    return pattern;
  }

  function putAt(node, x, y) {
    node.style.left = x + "px";
    node.style.top = y + "px";
  }

  /* A mark with a plain place. Leaflet gives each a transform, and with some hundred of those the browser
     is busy with its layers at every frame of a drag. */
  const Mark = L.Marker.extend({
    _setPos(at) {
      this._icon._leaflet_pos = at;
      putAt(this._icon, at.x, at.y);
      this._zIndex = at.y;
      this._resetZIndex();
    },
  });

  /* A dot with a sign in it. */
  const Sign = L.CircleMarker.extend({
    _project() {
      this._isRoomy = this.options.isRoomy();
      this._radius = this._isRoomy ? 8 : 3.5;
      L.CircleMarker.prototype._project.call(this);
    },
    _updatePath() {
      L.CircleMarker.prototype._updatePath.call(this);
      if (!this._renderer._drawing || this._empty() || !this._isRoomy) return;
      const ctx = this._renderer._ctx;
      ctx.globalAlpha = 1;
      ctx.fillStyle = "#fff";
      ctx.font = (this.options.sign.length > 1 ? "9px " : "11px ") + getComputedStyle(document.body).fontFamily;
      ctx.textAlign = "center";
      ctx.textBaseline = "middle";
      ctx.fillText(this.options.sign, this._point.x, this._point.y + 0.5);
    },
  });

  /* Names of communities (and villages), the larger first, none over another. */
  const Labels = L.Layer.extend({
    initialize(chart) {
      this._chart = chart;
    },
    onAdd(owner) {
      this._items = this._names();
      this._box = element("div", { class: "labels", "aria-hidden": "true" });
      owner.getPane("labels").append(this._box);
      owner.on("zoomend moveend viewreset resize", this.place, this);
      this.place();
    },
    onRemove(owner) {
      owner.off("zoomend moveend viewreset resize", this.place, this);
      this._box.remove();
    },
    _names() {
      const own = app.communities(this._chart.view()).map((record) => ({ ...record, weight: 1e9 + (record.hh || 0), class: "label" }));
      const others = app.data.villages.map((v) => ({ ...v, weight: v.pop || 0, class: "label label-village" }));
      return [...own, ...others].filter((item) => item.at).sort((a, b) => b.weight - a.weight);
    },
    _roomBoxes() {
      const { map, groups } = this._chart;
      if (!groups.rooms || !map.hasLayer(groups.rooms)) return [];
      return groups.rooms.getLayers().map((marker) => {
        const at = map.project(marker.getLatLng());
        return [at.x - 9, at.y - 9, at.x + 9, at.y + 9];
      });
    },
    place() {
      const owner = this._map;
      const view = owner.getPixelBounds().pad(0.2);
      const pen = (this._pen = this._pen || document.createElement("canvas").getContext("2d"));
      pen.font = "600 13px " + getComputedStyle(document.body).fontFamily;
      const roomy = this._chart.fineness() > 0.55 ? 4 : 14;
      const marks = this._roomBoxes();
      const clash = (box, others) => others.some((b) => b[0] < box[2] && box[0] < b[2] && b[1] < box[3] && box[1] < b[3]);
      const taken = [];
      const shown = [];
      for (const item of this._items) {
        const world = owner.project(latLng(item.at));
        if (!view.contains(world)) continue;
        const width = pen.measureText(item.name).width;
        const half = width / 2 + roomy;
        const boxAt = (shift) => [world.x - half, world.y + shift - 6 - roomy, world.x + half, world.y + shift + 6 + roomy];
        // In its place, else a little above or below where a room's mark or another name is.
        const shifts = [0, -18, 18];
        let shift = shifts.find((s) => !clash(boxAt(s), taken) && !clash(boxAt(s), marks));
        if (shift === undefined) shift = shifts.find((s) => !clash(boxAt(s), taken));
        if (shift === undefined) continue;
        taken.push(boxAt(shift));
        const at = owner.latLngToLayerPoint(latLng(item.at)).add([0, shift]);
        const label = element("span", { class: item.class }, item.name);
        label.style.width = Math.ceil(width) + "px";
        putAt(label, Math.round(at.x - width / 2), at.y - 10);
        shown.push(label);
      }
      this._box.replaceChildren(...shown);
    },
  });

  Object.assign(app, { Sheet, Mark, Sign, Labels, paperScale });
})(commplan);
