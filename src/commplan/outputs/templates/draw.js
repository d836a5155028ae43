/* How each layer of a chart is drawn from the packed rings; `chart.view()` says which plan. */
"use strict";
(function (app) {
  const { data, state, t, element, latLng } = app;

  /* `look` is a style, or a function that returns one at each zoom. */
  function areas(chart, rings, pane, look) {
    return new app.Shapes(rings, look, { pane, renderer: chart.renderers[pane], closed: true, fill: true, lineJoin: "round" });
  }

  /* Many areas alike: some hundred rings to a path, for browsers draw one huge path slowly. */
  function addMany(chart, group, many, pane, look) {
    for (let i = 0; i < many.length; i += 100) {
      const rings = many.slice(i, i + 100).flat();
      if (rings.length) group.addLayer(areas(chart, rings, pane, look));
    }
  }

  function lines(chart, parts, pane, style) {
    return new app.Shapes(parts, style, { pane, renderer: chart.renderers[pane], fill: false, lineCap: "butt" });
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

  const bandShades = ["#0b4f6c", "#4a9abb", "#b3d9e8"];

  /* The colour of a band of minutes, from near to far. */
  function shadeOf(band) {
    return bandShades[Math.min(band, bandShades.length - 1)];
  }

  /* A sign for each kind of amenity: the first letter of its name, two where others begin so too. */
  function signs() {
    const names = Object.keys(data.amenities).map((kind) => [...app.named("kind", kind)]);
    return names.map((name) => (names.filter((other) => other[0] === name[0]).length > 1 ? name.slice(0, 2).join("") : name[0]));
  }

  function nobodyUnits(view) {
    if (!data.today.length && !data.proposed.length) return [];
    return data.units.id.flatMap((_, unit) => (app.communityOf(unit, view) < 0 ? [unit] : []));
  }

  function sortedBarriers() {
    const place = (kind) => (barrierOrder.indexOf(kind) + 1 || 99);
    return Object.keys(data.barriers).sort((a, b) => place(a) - place(b));
  }

  const draw = {
    communities(chart, group) {
      addMany(chart, group, nobodyUnits(chart.view()).map((unit) => data.units.rings[unit]), "communities",
        { stroke: false, fillColor: data.nobody, fillOpacity: 0.9 });
      for (const record of app.communities(chart.view())) {
        group.addLayer(areas(chart, record.rings, "communities",
          { stroke: false, fillColor: data.palette[record.c], fillOpacity: 0.62 }));
      }
    },
    isochrones(chart, group) {
      if (chart.view() === "today") return; // they start at the proposed rooms
      // Longest walk first, so that the nearer ground lies on top of it and hides it.
      data.isochrones.map((band, i) => [band, shadeOf(i)]).reverse().forEach(([band, shade], i) => {
        if (i === 0) group.addLayer(areas(chart, band.rings, "isochrones", { stroke: false, fillColor: "#ffffff", fillOpacity: 0.7 }));
        group.addLayer(areas(chart, band.rings, "isochrones",
          { color: "#0b4f6c", weight: 1, opacity: 0.7, fillColor: shade, fillOpacity: 0.55 }));
      });
    },
    villages(chart, group) {
      for (const village of data.villages) {
        if (village.rings.length) {
          group.addLayer(areas(chart, village.rings, "villages",
            { color: "#6f7f63", weight: 1, fillColor: "#e3ead7", fillOpacity: 0.55 }));
        } else if (village.at) {
          group.addLayer(L.circleMarker(latLng(village.at), { pane: "villages", renderer: chart.renderers.villages,
            interactive: false, radius: 4, color: "#4e5f42", weight: 1.5, fillColor: "#dbe6c9", fillOpacity: 1 }));
        }
      }
    },
    streets(chart, group) {
      group.addLayer(lines(chart, data.streets, "streets", { color: "#ffffff", weight: 1, opacity: 0.85 }));
    },
    barriers(chart, group) {
      for (const kind of sortedBarriers()) {
        const styles = barrierStyles[kind] || otherBarrier;
        const barrier = data.barriers[kind];
        if (barrier.areas.length) {
          group.addLayer(areas(chart, barrier.areas, "barriers", { color: styles[0].color, weight: 0.8,
            fillColor: kind === "river" ? "#a9cfec" : styles[0].color, fillOpacity: 0.95 }));
        }
        for (const style of styles) group.addLayer(lines(chart, barrier.lines, "barriers", style));
      }
    },
    units(chart, group) {
      const fill = !data.today.length;
      // From far away the outlines would lie over everything as a grey mat.
      addMany(chart, group, data.units.rings, "units", () => ({
        color: "#4a5a68", weight: 0.7 * chart.fineness(), opacity: 0.6, stroke: fill || app.printing || chart.unitAcross() > 7,
        fill, fillColor: "#f5efe0", fillOpacity: 0.8,
      }));
    },
    moves(chart, group) {
      const moved = [...app.movedUnits(chart.view() === "edited" ? "edited" : "proposed")];
      // From far away the hatching is finer, and outlines would cover it. A tint would pass for one more colour.
      addMany(chart, group, moved.map((unit) => data.units.rings[unit]), "moves", () => {
        const isNear = chart.fineness() > 0.55;
        return { stroke: isNear, color: "#7a1020", weight: 1.2, fillOpacity: 0, hatch: `rgba(122,16,32,${isNear ? 0.6 : 0.85})`, step: isNear ? 8 : 5 };
      });
    },
    borders(chart, group) {
      const all = app.communities(chart.view());
      const shapes = all.map((record) => record.rings);
      addMany(chart, group, shapes, "borders", () => ({ color: "#ffffff", weight: 4 * chart.fineness(), opacity: 0.85, fill: false }));
      addMany(chart, group, shapes, "borders", () => ({ color: "#2b3a48", weight: 1.8 * chart.fineness(), fill: false }));
      if (chart.view() === state.view && state.selected !== null && all[state.selected]) {
        const chosen = all[state.selected].rings;
        group.addLayer(areas(chart, chosen, "borders", { color: "#ffffff", weight: 8, fill: false }));
        group.addLayer(areas(chart, chosen, "borders", { color: "#c1121f", weight: 4, fill: false }));
      }
      if (state.unit !== null) {
        group.addLayer(areas(chart, data.units.rings[state.unit], "borders",
          { color: "#111111", weight: 3, fillColor: "#ffffff", fillOpacity: 0.35 }));
      }
    },
    amenities(chart, group) {
      const kinds = Object.keys(data.amenities);
      const count = kinds.reduce((sum, kind) => sum + data.amenities[kind].length, 0);
      // Where they crowd, dots without signs leave the map to be seen.
      const isRoomy = () => chart.across(count) > 45;
      kinds.forEach((kind, i) => {
        for (const point of data.amenities[kind]) {
          group.addLayer(new app.Sign(latLng(point), { pane: "amenities", renderer: chart.renderers.amenities, isRoomy,
            interactive: false, color: "#ffffff", weight: 1, fillOpacity: 1,
            fillColor: amenityColours[i % amenityColours.length], sign: signs()[i] }));
        }
      });
    },
    rooms(chart, group) {
      const planned = chart.view() !== "today" && data.rooms.length > 0;
      for (const room of planned ? data.rooms : data.standing) {
        if (room.at) group.addLayer(roomMarker(room, planned));
      }
    },
    labels(chart, group) {
      group.addLayer(new app.Labels(chart));
    },
  };

  function roomMarker(room, planned) {
    const isNew = planned && room.action !== "keep" && room.action !== "extend";
    const icon = L.divIcon({ className: "room" + (isNew ? " room-new" : ""), iconSize: [16, 16],
      html: element("span", { "aria-hidden": "true" }) });
    const isChosen = planned && room.of !== null;
    // Where a mark stands for no community the click goes through to the one below.
    const marker = new app.Mark(latLng(room.at), { icon, pane: "rooms", keyboard: false,
      alt: t("layer_rooms"), bubblingMouseEvents: !isChosen });
    const name = room.name || room.site;
    const about = [planned ? app.named("action", room.action) : t("room_standing")];
    if (room.way) about.push(app.named("way", room.way));
    if (room.floor !== null) about.push(app.format(room.floor) + " " + "m²");
    const words = [element("strong", {}, name), element("br"), about.join(" · ")];
    if (isChosen) {
      words.push(element("br"), t("room_of", { name: data.proposed[room.of].name }));
      marker.on("click", () => app.change({ selected: room.of, unit: null }));
    }
    marker.bindTooltip(element("div", {}, ...words), { direction: "top", offset: [0, -8] });
    return marker;
  }

  Object.assign(app, { draw, areas, addMany, nobodyUnits, sortedBarriers, amenityColours, signs, shadeOf });
})(commplan);
