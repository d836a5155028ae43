/* Two plans at once: side by side, or one over the other with a line to drag. */
"use strict";
(function (app) {
  const { state, t } = app;
  let share = 0.5; // of the width, left of the line
  let busy = false;
  let unlink = [];
  let wasOpen = null; // the legend, which would cover half of the first map
  let shown = null; // the layout as it stands

  /* What the second chart shows: what the plan is set against. */
  app.otherView = () => (state.view === "edited" ? "proposed" : "today");

  /* Keep two maps on the same place. While one is dragged the other's picture is only pushed along. */
  function link(from, to) {
    let start = null;
    const handlers = {
      dragstart() {
        start = { from: L.DomUtil.getPosition(from.getPane("mapPane")), to: L.DomUtil.getPosition(to.getPane("mapPane")) };
      },
      drag() {
        const moved = L.DomUtil.getPosition(from.getPane("mapPane")).subtract(start.from);
        L.DomUtil.setPosition(to.getPane("mapPane"), start.to.add(moved));
      },
    };
    handlers.zoom = handlers.moveend = handlers.zoomend = () => {
      if (busy) return;
      busy = true;
      to.setView(from.getCenter(), from.getZoom(), { animate: false });
      busy = false;
    };
    from.on(handlers);
    return () => from.off(handlers);
  }

  function open() {
    const { main } = app;
    app.other = app.makeChart("map-other", { center: main.map.getCenter(), zoom: main.map.getZoom(),
      minZoom: main.map.getMinZoom(), keyboard: false }, app.otherView);
    for (const part of Object.keys(main.groups)) app.other.layer(part);
    app.mirrorLayers();
    if (app.layBasemap) app.layBasemap();
    app.watchPointer(app.other);
    app.followZoom(app.other);
    unlink = [link(main.map, app.other.map), link(app.other.map, main.map)];
    // A picture that only one map blows up, or that glides on by itself, would tear the two apart.
    for (const chart of app.charts()) Object.assign(chart.map.options, { zoomAnimationThreshold: -1, inertia: false });
  }

  function close() {
    for (const end of unlink) end();
    app.other.map.remove();
    app.other = null;
    Object.assign(app.main.map.options, { zoomAnimationThreshold: 4, inertia: true });
    document.getElementById("map-other").replaceChildren();
  }

  /* Show on the second chart what the legend shows on the first. */
  app.mirrorLayers = function () {
    if (!app.other) return;
    for (const [part, group] of Object.entries(app.other.groups)) {
      if (app.map.hasLayer(app.main.groups[part])) group.addTo(app.other.map);
      else group.remove();
    }
  };

  function setShare(value) {
    share = Math.min(0.98, Math.max(0.02, value));
    const line = document.getElementById("swipe");
    const words = t("swipe_value", { share: app.percent(share) });
    line.style.left = 100 * share + "%";
    line.setAttribute("aria-valuenow", String(Math.round(100 * share)));
    line.setAttribute("aria-valuetext", words);
    document.getElementById("map-other").style.clipPath = state.split === "swipe" ? `inset(0 ${100 * (1 - share)}% 0 0)` : "";
  }

  function drawNames() {
    document.getElementById("swipe").setAttribute("aria-label", t("swipe_label"));
    for (const [id, view] of [["name-other", app.otherView()], ["name-main", state.view]]) {
      const name = document.getElementById(id);
      name.hidden = !state.split;
      name.textContent = t("view_" + view);
    }
    if (app.other) setShare(share);
  }

  app.drawSplit = function () {
    drawNames();
    if (shown === state.split) return;
    shown = state.split;
    const { map } = app;
    const frame = document.getElementById("frame");
    const before = { centre: map.getCenter(), zoom: map.getZoom(), isHome: app.isHome() };
    const legend = document.getElementById("legend");
    if (state.split && !wasOpen) wasOpen = { legend: legend.open };
    legend.open = state.split ? false : wasOpen ? wasOpen.legend : legend.open;
    if (!state.split) wasOpen = null;
    frame.classList.toggle("split-side", state.split === "side");
    frame.classList.toggle("split-swipe", state.split === "swipe");
    document.getElementById("swipe").hidden = state.split !== "swipe";
    if (!state.split && app.other) close();
    map.invalidateSize({ animate: false, pan: false });
    // Who saw everything sees everything still, in the room that a map has now.
    if (before.isHome && !app.printing) app.goHome();
    else map.setView(before.centre, before.zoom, { animate: false });
    const [centre, zoom] = [map.getCenter(), map.getZoom()];
    if (state.split && !app.other) open();
    if (app.other) {
      app.other.map.invalidateSize({ animate: false, pan: false });
      app.other.map.setView(centre, zoom, { animate: false });
      setShare(share);
    }
  };

  app.startSplit = function () {
    const line = document.getElementById("swipe");
    const frame = document.getElementById("frame");
    setShare(share);
    line.addEventListener("pointerdown", (event) => {
      line.setPointerCapture(event.pointerId);
      event.preventDefault();
      line.focus();
    });
    line.addEventListener("pointermove", (event) => {
      if (line.hasPointerCapture(event.pointerId)) setShare((event.clientX - frame.getBoundingClientRect().left) / frame.clientWidth);
    });
    line.addEventListener("keydown", (event) => {
      const step = { ArrowLeft: -0.05, ArrowDown: -0.05, ArrowRight: 0.05, ArrowUp: 0.05, PageDown: -0.2, PageUp: 0.2, Home: -1, End: 1 }[event.key];
      if (step === undefined) return;
      event.preventDefault();
      setShare(share + step);
    });
    window.addEventListener("resize", () => { if (app.other) app.other.map.invalidateSize({ animate: false }); });
  };
})(commplan);
