/* Live editing: what is chosen, given, undone; the edited plan as records that the page shows. */
"use strict";
(function (app) {
  const { data, state } = app;
  const units = data.units;
  const edit = { chosen: new Set(), done: [], undone: [], tool: "choose", counted: null, saved: true, boxed: false };

  app.edit = edit;

  /* The proposal's own records, copied; outlines come from the blocks, so that borders stay shared. */
  function begin() {
    units.edited = [...units.now];
    data.edited = data.proposed.map((record) => ({ ...record }));
    refresh(data.edited.map((_, row) => row));
  }

  function boundsMark(record, c) {
    const [low, high] = data.edit.bounds;
    const side = (c.hh > high ? 1 : 0) - (c.hh < low ? 1 : 0);
    return side && app.isExcepted(c.inside) ? 2 : side;
  }

  /* Count everything anew, and draw anew the communities of `rows`. */
  function refresh(rows) {
    const counted = app.recount(units.edited, data.edited.length);
    const dirty = new Set(rows);
    data.edited.forEach((record, row) => {
      const c = counted.counts[row];
      const proposed = data.proposed[row];
      const isSame = Boolean(proposed) && c.inside.every((unit) => units.now[unit] === row) && c.inside.length === proposed.units;
      const floor = proposed && proposed.floor !== undefined ? proposed.floor : null;
      const walks = isSame ? proposed : { within: null, walk: null, kinds: null };
      Object.assign(record, { units: c.inside.length, hh: c.hh, pop: c.pop, area: c.area, ok: boundsMark(record, c),
        need: c.need, floor, short: c.need === null || floor === null ? null : Math.max(0, Math.round(c.need - floor)),
        within: walks.within, walk: walks.walk, kinds: walks.kinds, old: counted.succeeds[row],
        origin: counted.succeeds[row] < 0 ? "new" : "kept" });
      if (dirty.has(row)) {
        record.rings = app.outline(c.inside);
        record.at = isSame ? proposed.at : c.inside.length ? app.middle(c.inside) : null;
      }
    });
    edit.counted = counted;
    app.moved.edited = counted.moved;
  }

  /* Give units a community; `step` holds [unit, before, after]. */
  function apply(step, back) {
    const rows = new Set();
    for (const [unit, before, after] of step) {
      units.edited[unit] = back ? before : after;
      for (const row of [before, after]) if (row >= 0) rows.add(row);
    }
    refresh([...rows]);
    edit.saved = false;
    app.change({ plan: edit, view: "edited", selected: null });
  }

  app.give = function (to) {
    const step = [...edit.chosen].filter((unit) => units.edited[unit] !== to).map((unit) => [unit, units.edited[unit], to]);
    if (!step.length) return;
    edit.done.push(step);
    edit.undone = [];
    edit.chosen = new Set();
    apply(step, false);
  };

  /* A community of its own for what is chosen; its number is the first that nobody bears. */
  app.giveNew = function () {
    if (!edit.chosen.size) return;
    const taken = new Set([...data.edited, ...data.today].map((record) => record.id));
    const named = (number) => "N" + String(number).padStart(3, "0");
    let number = 1;
    while (taken.has(named(number))) number += 1;
    app.give(addCommunity(named(number), [...edit.chosen][0]));
  };

  function addCommunity(id, unit) {
    const first = data.edited[units.edited[unit]];
    const colour = ((first ? first.c : 0) + 3) % data.palette.length;
    data.edited.push({ id, name: id, sub: first ? first.sub : "", units: 0, hh: 0, rings: [], at: null, c: colour });
    return data.edited.length - 1;
  }

  app.undo = function () {
    const step = edit.done.pop();
    if (!step) return;
    edit.undone.push(step);
    apply(step, true);
  };

  app.redo = function () {
    const step = edit.undone.pop();
    if (!step) return;
    edit.done.push(step);
    apply(step, false);
  };

  /* Back to the proposal; that can be undone as well. */
  app.reset = function () {
    takeOver(units.now);
  };

  function takeOver(of) {
    const step = units.edited.flatMap((now, unit) => (now === of[unit] ? [] : [[unit, now, of[unit]]]));
    if (!step.length) return;
    edit.done.push(step);
    edit.undone = [];
    edit.chosen = new Set();
    apply(step, false);
  }

  /* Units that are not where the proposal has them. */
  app.differing = () => units.edited.flatMap((now, unit) => (now === units.now[unit] ? [] : [unit]));

  app.choose = function (rows, adding) {
    const chosen = adding ? new Set(edit.chosen) : new Set();
    for (const unit of rows) {
      if (rows.length === 1 && adding && chosen.has(unit)) chosen.delete(unit);
      else chosen.add(unit);
    }
    edit.chosen = chosen;
    app.redrawLayer("edits");
    app.drawEdit();
  };

  app.assignmentCsv = () => "unit_id,community_id\r\n" + units.id.map((id, unit) =>
    app.csvCell(id) + "," + app.csvCell(units.edited[unit] < 0 ? "" : data.edited[units.edited[unit]].id) + "\r\n").join("");

  /* Take over a list that was exported before; units that are not here are counted and left out. */
  app.loadAssignment = function (text) {
    const rows = app.csvRows(text);
    const columns = ["unit_id", "community_id"].map((name) => rows.length ? rows[0].indexOf(name) : -1);
    if (columns.includes(-1)) return null;
    const rowOfUnit = new Map(units.id.map((id, unit) => [id, unit]));
    const rowOfId = new Map(data.edited.map((record, row) => [record.id, row]));
    const of = [...units.edited];
    let missed = 0;
    for (const cells of rows.slice(1)) {
      const unit = rowOfUnit.get(cells[columns[0]]);
      const id = (cells[columns[1]] || "").trim();
      if (unit !== undefined && id && !rowOfId.has(id)) rowOfId.set(id, addCommunity(id, unit));
      if (unit === undefined || !id) missed += 1;
      else of[unit] = rowOfId.get(id);
    }
    takeOver(of);
    return missed;
  };

  app.draw.edits = function (chart, group) {
    if (chart.view() !== "edited") return;
    const rings = (rows) => rows.map((unit) => units.rings[unit]);
    app.addMany(chart, group, rings(app.differing()), "edits", { color: "#5b2a86", weight: 2.4, fillColor: "#5b2a86", fillOpacity: 0.12 });
    for (const fault of edit.counted.faults) {
      if (fault.community !== null) group.addLayer(app.areas(chart, data.edited[fault.community].rings, "edits", { color: "#d0021b", weight: 5, dashArray: "10 6", fill: false }));
      else app.addMany(chart, group, rings(fault.units || []), "edits", { color: "#d0021b", weight: 3, fill: false });
    }
    app.addMany(chart, group, rings([...edit.chosen]), "edits", { color: "#111111", weight: 3, fillColor: "#ffffff", fillOpacity: 0.55 });
  };

  /* Clicks while editing choose units, or place a comment. */
  app.onMapClick = function (event, unit) {
    if (state.view !== "edited") return false;
    if (edit.tool === "comment") {
      app.placeComment(event.latlng, unit);
      return true;
    }
    if (unit === null || edit.boxed) return edit.boxed;
    const keys = event.originalEvent;
    app.choose([unit], keys.shiftKey || keys.ctrlKey || keys.metaKey || window.matchMedia("(pointer: coarse)").matches);
    return true;
  };

  /* Units whose middle lies in a box of the map. */
  function inBox(bounds) {
    return units.rings.flatMap((rings, unit) => {
      const box = app.boxOf(rings);
      const middle = app.latLng([(box[0] + box[2]) / 2, (box[1] + box[3]) / 2]);
      return bounds.contains(middle) ? [unit] : [];
    });
  }

  /* Draw a box: with Shift held, or after the button for it was pressed. */
  function watchBox() {
    const container = app.map.getContainer();
    const box = document.getElementById("edit-box");
    let start = null;
    container.addEventListener("pointerdown", (event) => {
      if (state.view !== "edited" || event.button || !(event.shiftKey || edit.tool === "box")) return;
      start = L.DomEvent.getMousePosition(event, container);
      app.map.dragging.disable();
      container.setPointerCapture(event.pointerId);
    });
    container.addEventListener("pointermove", (event) => {
      if (!start) return;
      const at = L.DomEvent.getMousePosition(event, container);
      const [x, y] = [Math.min(at.x, start.x), Math.min(at.y, start.y)];
      box.hidden = Math.abs(at.x - start.x) + Math.abs(at.y - start.y) < 6;
      box.style.cssText = `left:${x + container.offsetLeft}px;top:${y + container.offsetTop}px;width:${Math.abs(at.x - start.x)}px;height:${Math.abs(at.y - start.y)}px`;
    });
    const end = (event) => {
      if (!start) return;
      const at = L.DomEvent.getMousePosition(event, container);
      if (!box.hidden && event.type === "pointerup") {
        const corners = [start, at].map((p) => app.map.containerPointToLatLng(p));
        app.choose(inBox(L.latLngBounds(...corners)), event.shiftKey && edit.tool !== "box");
        edit.tool = "choose";
        app.drawEdit();
        // The click that follows a drag would choose the one unit under it.
        edit.boxed = true;
        setTimeout(() => { edit.boxed = false; }, 50);
      }
      start = null;
      box.hidden = true;
      app.map.dragging.enable();
    };
    container.addEventListener("pointerup", end);
    container.addEventListener("pointercancel", end);
  }

  app.onEscape = function () {
    if (edit.tool === "choose" && !edit.chosen.size) return false;
    edit.tool = "choose";
    app.choose([], false);
    return true;
  };

  app.startEdit = function () {
    begin();
    watchBox();
    document.addEventListener("keydown", (event) => {
      if (state.view !== "edited" || /^(INPUT|TEXTAREA)$/.test(document.activeElement.tagName)) return;
      if (!(event.ctrlKey || event.metaKey) || !["z", "y"].includes(event.key.toLowerCase())) return;
      event.preventDefault();
      if (event.key.toLowerCase() === "y" || event.shiftKey) app.redo();
      else app.undo();
    });
    window.addEventListener("beforeunload", (event) => { if (!edit.saved) event.preventDefault(); });
  };
})(commplan);
