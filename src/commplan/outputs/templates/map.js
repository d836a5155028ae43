/* The map: canvases drawn from the packed rings, one pane for each layer, and who lies where. */
"use strict";
(function (app) {
  const { data, state, t, element, unpack, latLng } = app;
  const panes = ["communities", "isochrones", "villages", "streets", "barriers", "units", "moves",
    "borders", "amenities", "rooms", "labels"];
  const groups = {};
  const paperScale = 3;
  const renderers = {};
  let map = null;

  /* A canvas that can hatch, and that is drawn finely for paper. */
  const Sheet = L.Canvas.extend({
    _fillStroke(ctx, layer) {
      L.Canvas.prototype._fillStroke.call(this, ctx, layer);
      if (!layer.options.hatch) return;
      ctx.globalAlpha = 1;
      ctx.fillStyle = hatch(ctx, layer.options.hatch);
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

  function hatch(ctx, colour) {
    const tile = document.createElement("canvas");
    const scale = ctx.getTransform().a;
    const side = 8;
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

  /* A dot with a sign in it. */
  const Sign = L.CircleMarker.extend({
    _updatePath() {
      L.CircleMarker.prototype._updatePath.call(this);
      if (!this._renderer._drawing || this._empty()) return;
      const ctx = this._renderer._ctx;
      ctx.globalAlpha = 1;
      ctx.fillStyle = "#fff";
      ctx.font = "11px " + getComputedStyle(document.body).fontFamily;
      ctx.textAlign = "center";
      ctx.textBaseline = "middle";
      ctx.fillText(this.options.sign, this._point.x, this._point.y + 0.5);
    },
  });

  /* How large communities show, from 0.3 (a province) to 1: lines get thinner with them. */
  function fineness() {
    const count = Math.max(1, app.communities().length || data.units.id.length / 30);
    const corners = [app.home.getSouthWest(), app.home.getNorthEast()].map((c) => map.project(c));
    const across = Math.sqrt(Math.abs((corners[1].x - corners[0].x) * (corners[1].y - corners[0].y)) / count);
    return Math.min(1, Math.max(0.3, across / 80));
  }

  function areas(rings, pane, style) {
    return L.polygon(rings.map(unpack), {
      pane, renderer: renderers[pane], interactive: false, smoothFactor: 0.6, noClip: false,
      lineJoin: "round", ...style,
    });
  }

  /* Many areas alike: some hundred rings to a path, for browsers draw one huge path slowly. */
  function addMany(group, many, pane, style) {
    for (let i = 0; i < many.length; i += 100) {
      const rings = many.slice(i, i + 100).flat();
      if (rings.length) group.addLayer(areas(rings, pane, style));
    }
  }

  function lines(parts, pane, style) {
    return L.polyline(parts.map(unpack), {
      pane, renderer: renderers[pane], interactive: false, smoothFactor: 0.8, lineCap: "butt", ...style,
    });
  }

  const barrierStyles = {
    river: [{ color: "#5b9bd0", weight: 5 }],
    railway: [{ color: "#3d3d3d", weight: 3.4 }, { color: "#ffffff", weight: 1.8, dashArray: "8 8" }],
    expressway: [{ color: "#8a4b1f", weight: 5 }, { color: "#f2b36b", weight: 3 }],
    main_road: [{ color: "#8d8577", weight: 3.6 }, { color: "#fbf3dc", weight: 2.2 }],
    road: [{ color: "#a39c8f", weight: 2.2 }, { color: "#ffffff", weight: 1.3 }],
  };
  const otherBarrier = [{ color: "#6b6b6b", weight: 2 }];
  const barrierOrder = ["river", "road", "main_road", "expressway", "railway"];
  const amenityColours = ["#0b5d7a", "#8a3b12", "#6b2a6e", "#2f6b2f", "#7a5b00", "#a02040", "#33415c", "#555555"];

  function nobodyUnits() {
    if (!data.today.length && !data.proposed.length) return [];
    const of = state.view === "today" ? data.units.today : data.units.now;
    return of.flatMap((community, unit) => (community < 0 ? [unit] : []));
  }

  function sortedBarriers() {
    const place = (kind) => (barrierOrder.indexOf(kind) + 1 || 99);
    return Object.keys(data.barriers).sort((a, b) => place(a) - place(b));
  }

  const draw = {
    communities(group) {
      addMany(group, nobodyUnits().map((unit) => data.units.rings[unit]), "communities",
        { stroke: false, fillColor: data.nobody, fillOpacity: 0.9 });
      for (const record of app.communities()) {
        group.addLayer(areas(record.rings, "communities",
          { stroke: false, fillColor: data.palette[record.c], fillOpacity: 0.62 }));
      }
    },
    isochrones(group) {
      // Longest walk first, so that the nearer ground lies on top of it.
      for (const band of [...data.isochrones].reverse()) {
        group.addLayer(areas(band.rings, "isochrones",
          { color: "#0b4f6c", weight: 1.4, dashArray: "5 4", fillColor: "#0b4f6c", fillOpacity: 0.1 }));
      }
    },
    villages(group) {
      for (const village of data.villages) {
        if (village.rings.length) {
          group.addLayer(areas(village.rings, "villages",
            { color: "#6f7f63", weight: 1, fillColor: "#e3ead7", fillOpacity: 0.55 }));
        } else if (village.at) {
          group.addLayer(L.circleMarker(latLng(village.at), { pane: "villages", renderer: renderers.villages,
            interactive: false, radius: 4, color: "#4e5f42", weight: 1.5, fillColor: "#dbe6c9", fillOpacity: 1 }));
        }
      }
    },
    streets(group) {
      group.addLayer(lines(data.streets, "streets", { color: "#ffffff", weight: 1, opacity: 0.85 }));
    },
    barriers(group) {
      for (const kind of sortedBarriers()) {
        const styles = barrierStyles[kind] || otherBarrier;
        const barrier = data.barriers[kind];
        if (barrier.areas.length) {
          group.addLayer(areas(barrier.areas, "barriers", { color: styles[0].color, weight: 0.8,
            fillColor: kind === "river" ? "#a9cfec" : styles[0].color, fillOpacity: 0.95 }));
        }
        for (const style of styles) group.addLayer(lines(barrier.lines, "barriers", style));
      }
    },
    units(group) {
      addMany(group, data.units.rings, "units", {
        color: "#4a5a68", weight: 0.7 * fineness(), opacity: 0.6, fill: !data.today.length,
        fillColor: "#f5efe0", fillOpacity: 0.8,
      });
    },
    moves(group) {
      // Hatching needs room: from far away a tint says the same.
      addMany(group, data.units.moved.map((unit) => data.units.rings[unit]), "moves", fineness() > 0.55
        ? { color: "#7a1020", weight: 1.2, fillOpacity: 0, hatch: "rgba(122,16,32,.6)" }
        : { stroke: false, fillColor: "#7a1020", fillOpacity: 0.45 });
    },
    borders(group) {
      const all = app.communities();
      const shapes = all.map((record) => record.rings);
      addMany(group, shapes, "borders", { color: "#ffffff", weight: 4 * fineness(), opacity: 0.85, fill: false });
      addMany(group, shapes, "borders", { color: "#2b3a48", weight: 1.8 * fineness(), fill: false });
      if (state.selected !== null && all[state.selected]) {
        const chosen = all[state.selected].rings;
        group.addLayer(areas(chosen, "borders", { color: "#ffffff", weight: 8, fill: false }));
        group.addLayer(areas(chosen, "borders", { color: "#c1121f", weight: 4, fill: false }));
      }
      if (state.unit !== null) {
        group.addLayer(areas(data.units.rings[state.unit], "borders",
          { color: "#111111", weight: 3, fillColor: "#ffffff", fillOpacity: 0.35 }));
      }
    },
    amenities(group) {
      Object.keys(data.amenities).forEach((kind, i) => {
        for (const point of data.amenities[kind]) {
          group.addLayer(new Sign(latLng(point), { pane: "amenities", renderer: renderers.amenities,
            interactive: false, radius: 8, color: "#ffffff", weight: 1, fillOpacity: 1,
            fillColor: amenityColours[i % amenityColours.length], sign: [...app.named("kind", kind)][0] }));
        }
      });
    },
    rooms(group) {
      const planned = state.view === "proposed" && data.rooms.length > 0;
      for (const room of planned ? data.rooms : data.standing) {
        if (room.at) group.addLayer(roomMarker(room, planned));
      }
    },
    labels(group) {
      group.addLayer(new Labels());
    },
  };

  function roomMarker(room, planned) {
    const isNew = planned && room.action !== "keep";
    const icon = L.divIcon({ className: "room" + (isNew ? " room-new" : ""), iconSize: [16, 16],
      html: element("span", { "aria-hidden": "true" }) });
    const marker = L.marker(latLng(room.at), { icon, pane: "rooms", keyboard: false,
      alt: t("layer_rooms") });
    const name = room.name || room.site;
    const about = [planned ? app.named("action", room.action) : t("room_standing")];
    if (room.way) about.push(app.named("way", room.way));
    if (room.floor !== null) about.push(app.format(room.floor) + " " + "m²");
    const lines = [element("strong", {}, name), element("br"), about.join(" · ")];
    if (planned && room.of !== null) {
      lines.push(element("br"), t("room_of", { name: data.proposed[room.of].name }));
      marker.on("click", () => app.change({ selected: room.of, unit: null }));
    }
    marker.bindTooltip(element("div", {}, ...lines), { direction: "top", offset: [0, -8] });
    return marker;
  }

  /* Names of communities (and villages), the larger first, none over another. */
  const Labels = L.Layer.extend({
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
      const own = app.communities().map((record) => ({ ...record, weight: 1e9 + (record.hh || 0), class: "label" }));
      const others = data.villages.map((v) => ({ ...v, weight: v.pop || 0, class: "label label-village" }));
      return [...own, ...others].filter((item) => item.at).sort((a, b) => b.weight - a.weight);
    },
    _roomBoxes() {
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
      const roomy = fineness() > 0.55 ? 4 : 14;
      const marks = this._roomBoxes();
      const clash = (box, others) => others.some((b) => b[0] < box[2] && box[0] < b[2] && b[1] < box[3] && box[1] < b[3]);
      const taken = [];
      const shown = [];
      for (const item of this._items) {
        const world = owner.project(latLng(item.at));
        if (!view.contains(world)) continue;
        const half = pen.measureText(item.name).width / 2 + roomy;
        const boxAt = (shift) => [world.x - half, world.y + shift - 6 - roomy, world.x + half, world.y + shift + 6 + roomy];
        // In its place, else a little above or below where a room's mark or another name is.
        const shifts = [0, -18, 18];
        let shift = shifts.find((s) => !clash(boxAt(s), taken) && !clash(boxAt(s), marks));
        if (shift === undefined) shift = shifts.find((s) => !clash(boxAt(s), taken));
        if (shift === undefined) continue;
        taken.push(boxAt(shift));
        const at = owner.latLngToLayerPoint(latLng(item.at)).add([0, shift]);
        const label = element("span", { class: item.class }, item.name);
        label.style.transform = `translate(${at.x}px, ${at.y}px) translate(-50%, -50%)`;
        shown.push(label);
      }
      this._box.replaceChildren(...shown);
    },
  });

  /* Which unit or community lies at a point: a grid of boxes, then the even-odd rule. */
  function finder(ringsOf) {
    const cell = 4000; // 1e-6 degrees, about 400 m
    const grid = new Map();
    ringsOf.forEach((rings, row) => {
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
      for (let i = Math.floor(box[0] / cell); i <= Math.floor(box[2] / cell); i++) {
        for (let j = Math.floor(box[1] / cell); j <= Math.floor(box[3] / cell); j++) {
          const key = i + "," + j;
          if (!grid.has(key)) grid.set(key, []);
          grid.get(key).push(row);
        }
      }
    });
    return function at(point) {
      const px = point.lng * 1e6 - data.origin[0];
      const py = point.lat * 1e6 - data.origin[1];
      const rows = grid.get(Math.floor(px / cell) + "," + Math.floor(py / cell)) || [];
      const found = rows.find((row) => isInside(ringsOf[row], px, py));
      return found === undefined ? null : found;
    };
  }

  function isInside(rings, px, py) {
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
  }

  function extent(rows) {
    const bounds = L.latLngBounds([]);
    for (const rings of rows) for (const ring of rings) for (const point of unpack(ring)) bounds.extend(point);
    return bounds;
  }

  function everything() {
    const shown = data.proposed.length ? data.proposed.map((r) => r.rings) : data.units.rings;
    const bounds = extent(shown);
    if (!data.proposed.length) {
      for (const village of data.villages) {
        bounds.extend(extent([village.rings]));
        if (village.at) bounds.extend(latLng(village.at));
      }
    }
    return bounds;
  }

  function tipFor(unit) {
    const units = data.units;
    const lines = [element("strong", {}, app.unitName(unit)), element("br"),
      t("households") + t("colon") + app.format(units.hh[unit])];
    const before = units.today[unit];
    const after = units.now[unit];
    const now = after < 0 ? null : data.proposed[after];
    const was = before < 0 ? null : data.today[before];
    if (now && units.moved.includes(unit) && was) {
      lines.push(element("br"), element("span", { class: "moving" }, was.name + " → " + now.name));
    } else if (now || was) {
      lines.push(element("br"), (now || was).name);
    }
    return lines;
  }

  function watchPointer() {
    const unitAt = finder(data.units.rings);
    const villageAt = finder(data.villages.map((v) => v.rings));
    const areaAt = { today: finder(data.today.map((r) => r.rings)), proposed: finder(data.proposed.map((r) => r.rings)) };
    const tip = document.getElementById("tip");
    map.on("mousemove", (event) => {
      if (!window.matchMedia("(hover: hover)").matches) return;
      const unit = unitAt(event.latlng);
      const village = unit === null ? villageAt(event.latlng) : null;
      tip.hidden = unit === null && village === null;
      if (tip.hidden) return;
      if (unit !== null) tip.replaceChildren(...tipFor(unit).map((x) => (x instanceof Node ? x : document.createTextNode(x))));
      else tip.replaceChildren(element("strong", {}, data.villages[village].name), element("br"),
        t("village_people", { count: app.format(data.villages[village].pop) }));
      const room = map.getSize();
      const left = Math.min(event.containerPoint.x + 14, room.x - tip.offsetWidth - 8);
      const top = Math.min(event.containerPoint.y + 14, room.y - tip.offsetHeight - 8);
      tip.style.transform = `translate(${left}px, ${top}px)`;
    });
    map.on("mouseout", () => { tip.hidden = true; });
    map.on("click", (event) => {
      tip.hidden = true;
      const unit = unitAt(event.latlng);
      let selected = unit === null ? null : app.communityOf(unit);
      if (selected === null || selected < 0) selected = areaAt[state.view](event.latlng);
      app.change({ selected, unit: selected === null && unit === null ? null : unit });
    });
  }

  app.createMap = function (id, options) {
    map = L.map(id, { ...options, zoomControl: false, attributionControl: false, zoomSnap: 0.1,
      zoomDelta: 0.5, wheelPxPerZoomLevel: 90, maxZoom: 19, boxZoom: false, renderer: new Sheet() });
    panes.forEach((pane, i) => {
      map.createPane(pane).style.zIndex = 400 + 10 * i;
      renderers[pane] = new Sheet({ pane, padding: 0.15 });
    });
    app.map = map;
    const bounds = everything();
    app.home = bounds;
    document.getElementById("legend").open = !window.matchMedia("(max-width: 760px)").matches;
    app.goHome();
    map.setMinZoom(map.getZoom() - 1);
    watchPointer();
    let drawnAt = fineness();
    const marks = () => map.getContainer().classList.toggle("small-marks", fineness() < 0.6);
    marks();
    map.on("zoomend", () => {
      if (Math.abs(fineness() - drawnAt) < 0.08) return;
      drawnAt = fineness();
      marks();
      for (const part of ["units", "moves", "borders"]) app.redrawLayer(part);
    });
    return map;
  };

  app.layer = function (part) {
    const group = L.layerGroup();
    groups[part] = group;
    // Drawn when first shown: a layer that stays hidden costs nothing.
    group.on("add", () => { if (!group.getLayers().length) draw[part](group); });
    return group;
  };

  /* The whole area, beside the legend where there is room for both. */
  app.goHome = function () {
    if (!app.home.isValid()) return;
    const legend = document.getElementById("legend");
    const size = map.getSize();
    const beside = legend.open && size.x > 700 && size.x > size.y ? Math.max(216, legend.offsetWidth) + 22 : 20;
    const views = data.proposed.length && !app.printing ? 62 : 20;
    map.fitBounds(app.home, { paddingTopLeft: [beside, views], paddingBottomRight: [60, 24], animate: false });
  };

  app.layers = groups;
  app.redrawLayer = function (part) {
    const group = groups[part];
    group.clearLayers();
    if (map.hasLayer(group)) draw[part](group);
  };
  /* For paper all canvases become one: browsers print a stack of them badly, and large ones at
     once would take much memory, so each is drawn finely, copied and emptied. */
  app.flatten = function () {
    const size = map.getSize();
    const scratch = element("canvas", { width: size.x * paperScale, height: size.y * paperScale });
    const pen = scratch.getContext("2d", { willReadFrequently: true });
    pen.fillStyle = "#ffffff";
    pen.fillRect(0, 0, scratch.width, scratch.height);
    for (const pane of panes) {
      const renderer = renderers[pane];
      if (!renderer._map) continue;
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
    for (const renderer of Object.values(renderers)) {
      if (renderer._map) {
        renderer._reset();
        renderer.drawNow();
      }
    }
  };
  app.zoomTo = function (rings) {
    const bounds = extent([rings]);
    if (bounds.isValid()) map.fitBounds(bounds, { padding: [60, 60], maxZoom: 17 });
  };
  /* Moves the map only where the area would lie outside of it, or under the switch at its top. */
  app.showRings = function (rings) {
    const bounds = extent([rings]);
    if (!bounds.isValid()) return;
    const corners = [bounds.getNorthWest(), bounds.getSouthEast()].map((c) => map.latLngToContainerPoint(c));
    const size = map.getSize();
    if (corners[0].x >= 0 && corners[0].y >= 56 && corners[1].x <= size.x && corners[1].y <= size.y) return;
    map.fitBounds(bounds, { paddingTopLeft: [24, 64], paddingBottomRight: [24, 30], maxZoom: map.getZoom(), animate: false });
  };
  app.nobodyUnits = nobodyUnits;
  app.sortedBarriers = sortedBarriers;
  app.amenityColours = amenityColours;
})(commplan);
