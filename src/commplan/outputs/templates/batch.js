/* The page of a batch: a map of all scenarios coloured by one figure, a table, and one of them. */
"use strict";
(function (app) {
  const { data, state, t, named, element, fill, format, percent, unpack, latLng } = app;
  const rows = data.rows;
  const noPlan = "#f6dcdc";
  const noFigure = "#dddddd";
  const controls = {};
  const shapes = new Map();
  let map = null;
  let labels = null;
  let home = null;

  /* Each view: the figure, the upper ends of its classes, their colours, and how it is written. */
  const good = ["#c8553d", "#e9a36b", "#f3dfa2", "#b7d8c4", "#74b9a8", "#2f8f80"];
  const bad = ["#e3efe9", "#b7d8c4", "#f3dfa2", "#e9a36b", "#c8553d"];
  const views = {
    today: { of: (r) => share(r.in_bounds_today, r.communities_today), ends: [0.2, 0.4, 0.6, 0.8, 0.9999, 1], colours: good, last: "all" },
    proposed: { of: (r) => share(r.in_bounds, r.communities), ends: [0.2, 0.4, 0.6, 0.8, 0.9999, 1], colours: good, last: "all" },
    moved: { of: (r) => share(r.moved_households, r.households), ends: [0.05, 0.1, 0.2, 0.4, Infinity], colours: bad },
    gap: { of: (r) => (r.status === "optimal" ? 0 : r.gap), ends: [0, 0.01, 0.05, 0.2, Infinity], colours: bad, first: "proven" },
  };
  state.view = "today";
  state.sort = { key: "title", down: false };

  function share(part, whole) {
    return part === null || !whole ? null : part / whole;
  }

  function title(row) {
    return app.inLanguage(row.title);
  }

  function figure(row, view) {
    return row.well ? views[view].of(row) : null;
  }

  function colour(row) {
    if (!row.well) return noPlan;
    const value = figure(row, state.view);
    if (value === null) return noFigure;
    const { ends, colours } = views[state.view];
    return colours[ends.findIndex((end) => value <= end)];
  }

  function style(row) {
    const chosen = rows[state.selected] === row;
    return { color: chosen ? "#0b1f33" : row.well ? "#43525f" : "#a4161a", weight: chosen ? 3 : row.well ? 1 : 1.8,
      dashArray: row.well ? null : "5 4", fillColor: colour(row), fillOpacity: 0.9 };
  }

  // Room for what lies over the map: the views above, buttons at the right, the legend below left.
  function clear() {
    const wide = innerWidth >= 700;
    return { paddingTopLeft: [wide ? 230 : 24, 56], paddingBottomRight: [64, wide ? 32 : 120] };
  }

  app.createMap = function (id, options) {
    map = L.map(id, { zoomControl: false, attributionControl: false, zoomSnap: 0.25, ...options });
    const svg = L.svg({ padding: 0.4 });
    const bounds = L.latLngBounds([]);
    rows.forEach((row, index) => {
      if (!row.rings.length) return;
      const shape = L.polygon(row.rings.map(unpack), { renderer: svg, ...style(row) }).addTo(map);
      shape.on("click", () => app.change({ selected: index }));
      shape.on("mousemove", (event) => tip(row, event.containerPoint));
      shape.on("mouseout", () => { document.getElementById("tip").hidden = true; });
      shapes.set(row, shape);
      bounds.extend(shape.getBounds());
    });
    labels = L.layerGroup().addTo(map);
    home = bounds.isValid() ? bounds : L.latLngBounds([[-1, -1], [1, 1]]);
    map.fitBounds(home, { ...clear(), animate: false });
    map.on("zoomend", drawLabels);
    app.map = map;
    return map;
  };

  function tip(row, point) {
    const box = document.getElementById("tip");
    const value = figure(row, state.view);
    const words = row.well ? t("legend_" + state.view) + t("colon") + percent(value, 1) : named("status", row.status);
    fill("tip", element("strong", {}, title(row)), element("div", {}, words));
    box.hidden = false;
    const size = map.getSize();
    const x = Math.min(point.x + 14, size.x - box.offsetWidth - 6);
    const y = Math.min(point.y + 14, size.y - box.offsetHeight - 6);
    box.style.transform = "translate(" + Math.round(x) + "px," + Math.round(y) + "px)";
  }

  /* Names where they have room: the largest first. */
  function drawLabels() {
    labels.clearLayers();
    const taken = [];
    const bySize = [...shapes.keys()].filter((row) => row.at).sort((a, b) => (b.households || 0) - (a.households || 0));
    for (const row of bySize) {
      const at = map.latLngToLayerPoint(latLng(row.at));
      const words = shortTitle(row);
      const half = [...words].reduce((sum, c) => sum + (c > "\u2e80" ? 6.2 : 3.6), 4);
      const box = [at.x - half, at.y - 8, at.x + half, at.y + 8];
      if (taken.some((b) => box[0] < b[2] && b[0] < box[2] && box[1] < b[3] && b[1] < box[3])) continue;
      taken.push(box);
      labels.addLayer(L.tooltip({ permanent: true, direction: "center", className: "county-label", interactive: false, opacity: 1 })
        .setLatLng(latLng(row.at)).setContent(document.createTextNode(words).textContent.replace(/[&<>"]/g, (c) => "&#" + c.charCodeAt(0) + ";")));
    }
  }

  /* The last part of "county · district" is what differs. */
  function shortTitle(row) {
    return title(row).split(" · ").pop();
  }

  app.layer = () => null;

  function drawHead() {
    app.drawLanguage();
    fill("meta", t("batch"), t("colon"), data.batch, element("span", { class: "dot" }, "·"), t("date"), t("colon"),
      element("time", { datetime: data.date }, app.dateWords()));
  }

  function card(word, value, detail, before) {
    return element("div", { class: "card" }, element("div", { class: "card-name" }, t(word)),
      element("div", { class: "card-value" }, value, detail ? element("small", {}, " " + detail) : null),
      before ? element("div", { class: "card-today" }, t("today") + t("colon") + before) : null);
  }

  function drawFigures() {
    const s = data.sums;
    const of = (count) => t("of", { all: format(count) });
    fill("figures", element("h2", { id: "figures-title" }, t("figures")), element("div", { class: "cards" },
      card("key_scenarios", format(s.well), of(s.cases)),
      card("key_communities", format(s.communities), null, format(s.communities_today)),
      card("key_in_bounds", format(s.in_bounds), of(s.communities), format(s.in_bounds_today) + " " + of(s.communities_today)),
      card("key_moved", format(s.moved_households), percent(share(s.moved_households, s.households), 1))));
  }

  const columns = {
    title: { of: title, show: (r) => element("button", { type: "button", class: "link", on: { click: () => app.change({ selected: rows.indexOf(r) }) } },
      element("span", { class: "swatch", style: "background:" + colour(r), "aria-hidden": "true" }), title(r)) },
    in_bounds: { of: (r) => share(r.in_bounds, r.communities), number: true, show: (r) => r.well
      ? (r.communities_today ? format(r.in_bounds_today) + "/" + format(r.communities_today) + " → " : "") + format(r.in_bounds) + "/" + format(r.communities)
      : element("span", { class: "state state-bad" }, named("status", r.status)) },
    moved: { of: (r) => share(r.moved_households, r.households), number: true, show: (r) => (r.well ? percent(share(r.moved_households, r.households), 1) : "–") },
    gap: { of: (r) => r.gap, number: true, show: (r) => (r.well ? percent(r.gap, 1) : "–") },
  };

  function sorted() {
    const { key, down } = state.sort;
    const of = columns[key].of;
    const compare = (a, b) => {
      const [x, y] = [of(a), of(b)];
      if (x === null || y === null) return (x === null) - (y === null);
      const order = typeof x === "string" ? x.localeCompare(y, state.language) : x - y;
      return down ? -order : order;
    };
    return [...rows].sort(compare);
  }

  function drawTable() {
    const heads = Object.keys(columns).map((key) => {
      const mine = state.sort.key === key;
      const word = t(key === "title" ? "column_name" : "column_" + key);
      return element("th", { scope: "col", class: columns[key].number ? "number" : null, "aria-sort": mine ? (state.sort.down ? "descending" : "ascending") : null },
        element("button", { type: "button", class: "sort", on: { click: () => app.change({ sort: { key, down: mine && !state.sort.down } }) } }, word));
    });
    const body = sorted().map((row) => element("tr", { class: rows[state.selected] === row ? "chosen" : null },
      Object.entries(columns).map(([key, column]) => key === "title" ? element("th", { scope: "row" }, column.show(row)) : element("td", { class: "number" }, column.show(row)))));
    fill("communities", element("h2", { id: "communities-title" }, t("table", { count: format(rows.length) })),
      element("div", { class: "scroll", tabindex: "0", role: "region", "aria-labelledby": "communities-title" },
        element("table", {}, element("thead", {}, element("tr", {}, heads)), element("tbody", {}, body))));
  }

  function fact(word, ...content) {
    return element("tr", {}, element("th", { scope: "row" }, t(word)), element("td", {}, content));
  }

  function drawDetail() {
    const row = rows[state.selected];
    if (!row) {
      fill("detail", element("h2", { id: "detail-title" }, t("detail")), element("p", { class: "hint" }, t("detail_hint")));
      return;
    }
    const change = (a, b) => (a === null ? format(b) : format(a) + " → " + format(b));
    const facts = [fact("status", element("span", { class: "state state-" + (row.well ? "good" : "bad") }, named("status", row.status)))];
    for (const line of row.well ? [] : app.inLanguage(row.faults) || []) facts.push(element("tr", {}, element("td", { colspan: "2", class: "moving" }, line)));
    if (row.profile) facts.push(fact("profile", row.profile));
    if (row.units !== null) facts.push(fact("units", format(row.units)), fact("households", format(row.households)));
    if (row.well) {
      facts.push(fact("communities", change(row.communities_today, row.communities)), fact("in_bounds", change(row.in_bounds_today, row.in_bounds)),
        fact("moved", format(row.moved_households) + " (" + percent(share(row.moved_households, row.households), 1) + ")"),
        fact("cost", format(row.cost)), fact("bound", format(row.bound)), fact("gap", percent(row.gap, 2)));
    }
    if (row.seconds !== null) facts.push(fact("seconds", format(row.seconds, 1) + " s"));
    if (row.peak_mb !== null) facts.push(fact("peak", format(row.peak_mb) + " MB"));
    fill("detail", element("div", { class: "detail-head" },
      element("span", { class: "swatch", style: "background:" + colour(row), "aria-hidden": "true" }),
      element("h2", { id: "detail-title" }, title(row)),
      element("button", { type: "button", class: "plain", on: { click: () => app.change({ selected: null }) } }, t("close"))),
      element("table", { class: "facts" }, element("tbody", {}, facts)),
      row.page ? element("a", { class: "plain open", href: row.page.split("/").map(encodeURIComponent).join("/") }, t("open")) : null);
  }

  function drawFindings() {
    const wrong = rows.filter((row) => !row.well);
    const list = wrong.map((row) => element("li", { class: "finding finding-error" },
      element("span", { class: "severity" }, named("status", row.status)), " ",
      element("button", { type: "button", class: "link", on: { click: () => app.change({ selected: rows.indexOf(row) }) } }, title(row)),
      (app.inLanguage(row.faults) || []).map((line) => element("div", { class: "fault" }, line))));
    fill("findings", element("h2", { id: "findings-title" }, t("without", { count: format(wrong.length) })),
      wrong.length ? element("ul", { class: "findings" }, list) : element("p", { class: "hint" }, t("without_none")));
  }

  function drawFoot() {
    fill("foot", element("p", {}, t("foot")), data.attribution ? element("p", {}, t("attribution"), t("colon"), data.attribution) : null);
  }

  function classWords(view, i) {
    const { ends, first, last } = views[view];
    if (i === 0 && first) return t(first);
    if (i === ends.length - 1 && last) return t(last);
    if (ends[i] === Infinity) return t("above", { from: percent(ends[i - 1]) });
    return i === 0 ? t("up_to", { to: percent(ends[i]) }) : t("from_to", { from: percent(ends[i - 1]), to: percent(Math.round(ends[i] * 100) / 100) });
  }

  function drawLegend() {
    const key = (background) => element("span", { class: "key key-nobody", style: "background:" + background, "aria-hidden": "true" });
    const list = views[state.view].colours.map((background, i) => element("li", {}, key(background), classWords(state.view, i)));
    if (rows.some((row) => !row.well && row.rings.length)) list.push(element("li", {}, key(noPlan), t("no_plan")));
    if (rows.some((row) => row.well && figure(row, state.view) === null)) list.push(element("li", {}, key(noFigure), t("no_figure")));
    fill("legend", element("summary", {}, t("legend_" + state.view)), element("ul", {}, list));
  }

  function drawViews() {
    document.getElementById("views").setAttribute("aria-label", t("view_label"));
    fill("views", Object.keys(views).map((view) => {
      const radio = element("input", { type: "radio", name: "view", value: view, checked: state.view === view, on: { change: () => app.change({ view }) } });
      return element("label", {}, radio, element("span", {}, t("view_" + view)));
    }));
    fill("print-view", t("legend_" + state.view));
  }

  function goHome() {
    map.fitBounds(home, clear());
  }

  function drawControls() {
    for (const control of Object.values(controls)) control.remove();
    controls.zoom = L.control.zoom({ position: "topright", zoomInTitle: t("zoom_in"), zoomOutTitle: t("zoom_out") }).addTo(map);
    controls.scale = controls.scale || L.control.scale({ imperial: false, maxWidth: 140, position: "bottomright" });
    controls.scale.addTo(map);
    const Fit = L.Control.extend({
      onAdd() {
        const button = element("button", { type: "button", class: "fit leaflet-bar", title: t("fit"), "aria-label": t("fit") }, "⤢");
        L.DomEvent.disableClickPropagation(button);
        button.addEventListener("click", goHome);
        return button;
      },
    });
    controls.fit = new Fit({ position: "topright" }).addTo(map);
    map.getContainer().setAttribute("role", "application");
    map.getContainer().setAttribute("aria-label", t("map_label"));
    document.getElementById("north").setAttribute("aria-label", t("north"));
    document.getElementById("north-word").textContent = t("north_short");
  }

  function setSheet(isOpen) {
    document.documentElement.classList.toggle("sheet-open", isOpen);
    document.getElementById("sheet").setAttribute("aria-expanded", String(isOpen));
    document.getElementById("sheet-words").textContent = t(isOpen ? "panel_close" : "panel_open");
    map.invalidateSize({ animate: false });
  }

  function drawMap() {
    for (const [row, shape] of shapes) shape.setStyle(style(row));
    const chosen = shapes.get(rows[state.selected]);
    if (chosen) chosen.bringToFront();
  }

  function drawAll() {
    for (const draw of [drawHead, drawFigures, drawDetail, drawTable, drawFindings, drawFoot, drawViews, drawControls, drawLegend, drawMap, drawLabels]) draw();
    setSheet(document.documentElement.classList.contains("sheet-open"));
  }

  function update(changes) {
    if ("language" in changes) return drawAll();
    if ("view" in changes) {
      drawLegend();
      fill("print-view", t("legend_" + state.view));
    }
    if ("selected" in changes && state.selected !== null) {
      const shape = shapes.get(rows[state.selected]);
      setSheet(true);
      if (shape) map.flyToBounds(shape.getBounds(), { padding: [110, 110], duration: 0.4 });
    }
    drawMap();
    drawTable();
    drawDetail();
    if ("selected" in changes && state.selected !== null) document.getElementById("detail").scrollIntoView({ block: "nearest" });
    return undefined;
  }

  function paper(isOn) {
    document.documentElement.classList.toggle("printing", isOn);
    if (isOn) document.getElementById("side").append(document.getElementById("figures"), document.getElementById("foot"));
    else {
      const body = document.getElementById("panel-body");
      body.prepend(document.getElementById("figures"));
      body.append(document.getElementById("foot"));
    }
    map.invalidateSize({ animate: false, pan: false });
    map.fitBounds(home, { animate: false });
  }

  app.start = function () {
    document.getElementById("legend").open = innerWidth >= 700;
    drawAll();
    app.listeners.push(update);
    document.getElementById("sheet").addEventListener("click", () => setSheet(!document.documentElement.classList.contains("sheet-open")));
    document.addEventListener("keydown", (event) => {
      if (event.key === "Escape") app.change({ selected: null });
    });
    window.addEventListener("beforeprint", () => paper(true));
    window.addEventListener("afterprint", () => paper(false));
    document.documentElement.classList.add("ready");
  };
})(commplan);
