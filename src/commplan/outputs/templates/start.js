/* Legend, view switch, languages, phone sheet, paper; and the start. */
"use strict";
(function (app) {
  const { data, state, t, element, fill } = app;
  const controls = {};
  let waiting = false; // for tiles, before the sheet is drawn

  function swatch(className, style) {
    return element("span", { class: "key " + className, style: style || null, "aria-hidden": "true" });
  }

  const keys = {
    edits: () => swatch("key-edit"),
    moves: () => swatch("key-move"),
    units: () => swatch("key-unit"),
    rooms: () => swatch(state.view === "today" ? "key-room" : "key-room-new"),
    streets: () => swatch("key-street"),
    villages: () => swatch("key-village"),
    isochrones: () => swatch("key-isochrone"),
    amenities: () => swatch("key-amenity"),
    labels: () => swatch("key-label"),
    barriers: () => swatch("key-blank"),
  };

  const parts = {
    edits: () => app.layers.edits && state.view === "edited", moves: () => data.units.moved.length, units: () => data.units.id.length,
    rooms: () => data.rooms.length + data.standing.length, barriers: () => app.sortedBarriers().length,
    streets: () => data.streets.length, villages: () => data.villages.length,
    isochrones: () => state.view !== "today" && data.isochrones.length, amenities: () => Object.keys(data.amenities).length,
    labels: () => data.today.length + data.proposed.length + data.villages.length,
  };

  function toggle(part) {
    const group = app.layers[part];
    const box = element("input", { type: "checkbox", checked: app.map.hasLayer(group),
      on: { change: () => { box.checked ? group.addTo(app.map) : group.remove(); app.mirrorLayers(); drawLegend(); } } });
    return element("label", {}, box, keys[part](), t("layer_" + part));
  }

  function below(part) {
    if (!app.map.hasLayer(app.layers[part])) return null;
    if (part === "barriers") {
      return element("ul", {}, app.sortedBarriers().map((kind) => element("li", {}, swatch("key-line key-" + kind), app.named("kind", kind))));
    }
    if (part === "amenities") {
      return element("ul", {}, Object.keys(data.amenities).map((kind, i) => element("li", {},
        element("span", { class: "key key-sign", style: "background:" + app.amenityColours[i % app.amenityColours.length], "aria-hidden": "true" }, app.signs()[i]), app.named("kind", kind))));
    }
    if (part === "isochrones") {
      return element("ul", {}, data.isochrones.map((band, i) => element("li", {},
        swatch("key-isochrone", "background:" + app.shadeOf(i)), "≤ " + app.format(band.minutes) + " " + t("minutes"))));
    }
    if (part === "rooms" && state.view !== "today" && data.rooms.length) {
      return element("ul", {}, element("li", {}, swatch("key-room"), t("room_standing")), element("li", {}, swatch("key-room-new"), t("room_planned")));
    }
    return null;
  }

  function drawLegend() {
    const colours = (data.legend || {})[state.view === "edited" ? "proposed" : state.view];
    const rows = colours ? colours.map((key) => element("li", {}, swatch("key-nobody", "background:" + key.colour), app.inLanguage(key.words)))
      : app.communities().length ? [element("li", {}, swatch("key-community"), t("legend_community"))] : [];
    if (app.nobodyUnits(state.view).length) rows.push(element("li", {}, swatch("key-nobody", "background:" + data.nobody), t("legend_nobody")));
    for (const part of Object.keys(keys)) {
      if (parts[part]()) rows.push(element("li", { class: app.map.hasLayer(app.layers[part]) ? null : "off" }, toggle(part), below(part)));
    }
    const legend = document.getElementById("legend");
    const focused = legend.contains(document.activeElement) ? [...legend.querySelectorAll("input")].indexOf(document.activeElement) : -1;
    fill("legend", element("summary", {}, t("legend")), element("ul", {}, rows));
    if (data.basemap) legend.append(app.basemapButton());
    if (focused >= 0) legend.querySelectorAll("input")[focused]?.focus();
  }

  /* One choice: a plan by itself, or two of them side by side, or one swiped over the other. */
  function drawViews() {
    const group = document.getElementById("views");
    const plan = app.planView();
    const choices = [{ view: "today" }, { view: "proposed" }, ...(data.edited ? [{ view: "edited" }] : []),
      { view: plan, split: "side" }, { view: plan, split: "swipe" }];
    group.setAttribute("aria-label", t("view_label"));
    group.hidden = !data.proposed.length;
    const focused = group.contains(document.activeElement) ? document.activeElement.value : null;
    fill("views", choices.map(({ view, split }) => {
      const value = split || view;
      const radio = element("input", { type: "radio", name: "view", value,
        checked: split ? state.split === split : !state.split && state.view === view,
        on: { change: () => app.change({ view, split: split || null, ...(view === state.view ? {} : { selected: null, unit: null }) }) } });
      return element("label", {}, radio, element("span", {}, t("view_" + value)));
    }));
    if (focused) group.querySelector(`input[value="${focused}"]`)?.focus();
    fill("print-view", data.proposed.length ? [t("view_" + state.view)] : []);
  }

  function drawControls() {
    const { map } = app;
    for (const control of Object.values(controls)) control.remove();
    controls.zoom = L.control.zoom({ position: "topright", zoomInTitle: t("zoom_in"), zoomOutTitle: t("zoom_out") }).addTo(map);
    controls.scale = controls.scale || L.control.scale({ imperial: false, maxWidth: 140, position: "bottomright" });
    controls.scale.addTo(map);
    const Fit = L.Control.extend({
      onAdd() {
        const button = element("button", { type: "button", class: "fit leaflet-bar", title: t("fit"), "aria-label": t("fit") }, "⤢");
        L.DomEvent.disableClickPropagation(button);
        button.addEventListener("click", app.goHome);
        return button;
      },
    });
    controls.fit = new Fit({ position: "topright" }).addTo(map);
    const container = map.getContainer();
    container.setAttribute("role", "application");
    container.setAttribute("aria-label", t("map_label"));
    document.getElementById("north").setAttribute("aria-label", t("north"));
    document.getElementById("north-word").textContent = t("north_short");
  }

  function drawSheet() {
    const isOpen = document.documentElement.classList.contains("sheet-open");
    document.getElementById("sheet").setAttribute("aria-expanded", String(isOpen));
    document.getElementById("sheet-words").textContent = t(isOpen ? "panel_close" : "panel_open");
  }

  function setSheet(isOpen) {
    if (document.documentElement.classList.contains("sheet-open") === isOpen) return;
    document.documentElement.classList.toggle("sheet-open", isOpen);
    drawSheet();
    app.map.invalidateSize({ animate: false });
  }

  function drawAll() {
    app.drawLanguage();
    for (const part of ["Head", "Figures", "Detail", "Search", "Communities", "Villages", "Moves", "Findings", "Foot"]) app["draw" + part]();
    if (data.edit) app.drawEdit();
    drawViews();
    app.drawSplit();
    drawControls();
    drawLegend();
    drawSheet();
  }

  function update(changes) {
    if ("language" in changes) {
      drawAll();
      app.redrawLayer("rooms");
      app.redrawLayer("amenities");
      return;
    }
    if ("view" in changes || "split" in changes || "plan" in changes) {
      for (const part of ["communities", "isochrones", "rooms", "labels", "moves", "edits"]) app.redrawLayer(part);
      drawViews();
      app.drawSplit();
      drawLegend();
      app.drawSearch();
      app.drawFigures();
      app.drawMoves();
    }
    if ("view" in changes || "selected" in changes || "plan" in changes) {
      app.redrawLayer("borders");
      app.drawDetail();
      if (data.edit) app.drawEdit();
      if (state.selected !== null && "selected" in changes && !("plan" in changes)) {
        setSheet(true);
        app.showRings(app.communities()[state.selected].rings);
        document.getElementById("panel-body").scrollTop = 0;
        document.getElementById("detail").scrollIntoView({ block: "nearest" });
      }
    }
    app.drawCommunities();
  }

  /* On paper the page takes the sheet's size first, then the map is drawn anew for it. */
  function paper(isOn) {
    if (isOn === Boolean(app.printing)) return;
    if (isOn) {
      app.before = [app.map.getCenter(), app.map.getZoom()];
      app.splitBefore = state.split;
      state.split = null;
      app.drawSplit();
    }
    app.printing = isOn;
    document.documentElement.classList.toggle("printing", isOn);
    for (const details of document.querySelectorAll("details.more, #legend")) if (isOn) details.open = true;
    const figures = document.getElementById("figures");
    const foot = document.getElementById("foot");
    const body = document.getElementById("panel-body");
    // The sheet with the map carries its figures, its approval number and the disclaimer.
    if (isOn) document.getElementById("side").append(figures, foot);
    else body.append(foot);
    if (!isOn) body.insertBefore(figures, document.getElementById("detail"));
    if (isOn) shrink(figures);
    else figures.style.zoom = "";
    app.drawMoves();
    app.drawFindings();
    app.map.invalidateSize({ animate: false, pan: false });
    if (isOn) {
      app.goHome();
      if (!waiting) finish();
    } else {
      app.map.setView(...app.before, { animate: false });
      app.unflatten();
      state.split = app.splitBefore;
      app.drawSplit();
    }
  }

  /* Makes the figures smaller until what stands below them stays on the first sheet; lines that wrap
     no more give room as well, so it is tried step by step. */
  function shrink(figures) {
    const side = document.getElementById("side");
    const bottom = document.getElementById("head").getBoundingClientRect().bottom - 4;
    for (let size = 1; size >= 0.5 && (size === 1 || side.getBoundingClientRect().bottom > bottom); size -= 0.04) {
      figures.style.zoom = String(size);
    }
  }

  function finish() {
    if (data.basemap) document.documentElement.classList.toggle("basemap-printed", app.basemapIsWhole());
    app.flatten();
  }

  /* The tiles of the sheet's view come first, if the base map is shown; else the map goes without. */
  app.print = async function () {
    if (data.basemap && app.basemapIsOn()) {
      waiting = true;
      paper(true);
      await app.basemapWhole(8000);
      waiting = false;
      finish();
    }
    window.print();
  };

  app.start = function () {
    app.startSplit();
    if (data.edit) app.startEdit();
    drawAll();
    app.listeners.push(update);
    document.getElementById("sheet").addEventListener("click", () => setSheet(!document.documentElement.classList.contains("sheet-open")));
    document.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && !(app.onEscape && app.onEscape())) app.change({ selected: null, unit: null });
    });
    window.addEventListener("beforeprint", () => paper(true));
    window.addEventListener("afterprint", () => paper(false));
    document.documentElement.classList.add("ready");
  };
})(commplan);
