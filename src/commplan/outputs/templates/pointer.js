/* What the pointer finds on a chart: a line about the unit under it, and its community on a click. */
"use strict";
(function (app) {
  const { data, t, element } = app;
  const areaAt = new WeakMap();

  function finderOf(view) {
    // The edited plan changes shape; the others are indexed once, a rollout once for each year.
    if (view === "edited") return app.finder(data.edited.map((r) => r.rings));
    if (!areaAt.has(data[view])) areaAt.set(data[view], app.finder(data[view].map((r) => r.rings)));
    return areaAt.get(data[view]);
  }

  function tipFor(unit, view) {
    const plan = view === "edited" ? "edited" : "proposed";
    const lines = [element("strong", {}, app.unitName(unit)), element("br"),
      t("households") + t("colon") + app.format(data.units.hh[unit])];
    const before = data.units.today[unit];
    const after = app.communityOf(unit, plan);
    const now = after < 0 ? null : data[plan][after];
    const was = before < 0 ? null : data.today[before];
    if (now && was && app.movedUnits(plan).has(unit)) {
      lines.push(element("br"), element("span", { class: "moving" }, was.name + " → " + now.name));
    } else if (now || was) {
      lines.push(element("br"), (now || was).name);
    }
    return lines;
  }

  let unitAt = null;
  let villageAt = null;

  app.watchPointer = function (chart) {
    const { map } = chart;
    unitAt = unitAt || app.finder(data.units.rings);
    villageAt = villageAt || app.finder(data.villages.map((v) => v.rings));
    const tip = document.getElementById("tip");
    const frame = document.getElementById("frame");
    map.on("mousemove", (event) => {
      if (!window.matchMedia("(hover: hover)").matches) return;
      // While the map is dragged the same unit stays under the pointer; a room's mark has words of its own.
      if (map.dragging.moving() || event.originalEvent.target.closest(".leaflet-marker-icon")) {
        if (!tip.hidden) tip.hidden = true;
        return;
      }
      const unit = unitAt(event.latlng);
      const village = unit === null ? villageAt(event.latlng) : null;
      tip.hidden = unit === null && village === null;
      if (tip.hidden) return;
      if (unit !== null) tip.replaceChildren(...tipFor(unit, chart.view()));
      else tip.replaceChildren(element("strong", {}, data.villages[village].name), element("br"),
        t("village_people", { count: app.format(data.villages[village].pop) }));
      const room = { x: frame.clientWidth, y: frame.clientHeight };
      const at = event.containerPoint.add([map.getContainer().offsetLeft, map.getContainer().offsetTop]);
      const left = Math.min(at.x + 14, room.x - tip.offsetWidth - 8);
      const top = Math.min(at.y + 14, room.y - tip.offsetHeight - 8);
      tip.style.transform = `translate(${left}px, ${top}px)`;
    });
    map.on("mouseout", () => { tip.hidden = true; });
    map.on("click", (event) => {
      tip.hidden = true;
      const unit = unitAt(event.latlng);
      if (app.onMapClick && app.onMapClick(event, unit)) return;
      const view = app.state.view;
      let selected = unit === null ? null : app.communityOf(unit, view);
      if (selected === null || selected < 0) selected = finderOf(view)(event.latlng);
      app.change({ selected, unit: selected === null && unit === null ? null : unit });
    });
  };
})(commplan);
