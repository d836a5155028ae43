/* "Find my compound": by name, number, community or a whole address; says from, to, room and walk. */
"use strict";
(function (app) {
  const { data, state, t, element, fill, format } = app;
  const most = 12;

  /* Full-width letters as half-width ones, small letters, no spaces: as people type. */
  function plain(text) {
    return String(text).normalize("NFKC").toLowerCase().replace(/[\s·・,，.。;；]+/g, "");
  }

  let index = null;

  function entries() {
    if (index) return index;
    index = data.units.id.map((id, unit) => ({ unit, id: plain(id), name: plain(app.unitName(unit)) }));
    return index;
  }

  /* How well a query fits a name: 0 the same, 1 its beginning, 2 in it, 3 an address that holds the
     name, 4 all of its words; null for not at all. */
  function fit(query, words, name) {
    if (!name) return null;
    if (name === query) return 0;
    if (name.startsWith(query)) return 1;
    if (name.includes(query)) return 2;
    if (name.length > 1 && query.includes(name)) return 3 - name.length / 1000;
    return words.length > 1 && words.every((word) => name.includes(word)) ? 4 : null;
  }

  app.findUnits = function (text) {
    const query = plain(text);
    const words = text.trim().split(/\s+/).map(plain).filter(Boolean);
    if (!query) return [];
    const found = [];
    for (const { unit, id, name } of entries()) {
      const by = [fit(query, words, name), id === name ? null : id === query ? 0 : id.includes(query) ? 2.5 : null];
      const best = Math.min(...by.map((x) => (x === null ? Infinity : x)));
      if (best < Infinity) found.push([best, unit]);
    }
    found.sort((a, b) => a[0] - b[0] || a[1] - b[1]);
    // A name that is typed whole is no address that happens to hold another one.
    const isNamed = found.length > 0 && found[0][0] < 2;
    const isInAddress = (how) => how > 2.5 && how < 3;
    return found.filter(([how]) => !(isNamed && isInAddress(how))).map(([, unit]) => unit);
  };

  app.findCommunities = function (text) {
    const query = plain(text);
    if (!query) return [];
    const found = [];
    for (const view of data.proposed.length ? [app.planView(), "today"] : ["today"]) {
      data[view].forEach((record, row) => {
        if (record.units && [record.name, record.id].some((name) => plain(name).includes(query)) &&
          !found.some((other) => data[other.view][other.row].name === record.name)) found.push({ view, row });
      });
    }
    return found;
  };

  /* The room of a community and the walk to it, in a sentence; null where the scenario has no rooms. */
  app.roomWords = function (unit) {
    if (!data.rooms.length) return null;
    const view = app.planView();
    const own = app.communityOf(unit, view);
    const room = data.rooms.find((r) => r.of === own && r.at);
    if (!room) return t("answer_no_room");
    const place = room.name || room.site;
    const minutes = data.units.min ? data.units.min[unit] : null;
    if (view === "edited" && own !== app.communityOf(unit, "proposed")) return t("answer_room_new", { name: place });
    if (!data.units.min) return t("answer_room", { name: place });
    return minutes === null ? t("answer_room_unreached", { name: place })
      : t(minutes <= data.limit_min ? "answer_room_walk" : "answer_room_far", { name: place, minutes: format(Math.max(1, Math.ceil(minutes))), count: format(data.limit_min) });
  };

  /* From and to: what a resident asks first. */
  app.placeWords = function (unit) {
    const from = app.placeName("today", app.communityOf(unit, "today"));
    if (!data.proposed.length) return from;
    const view = app.planView();
    const to = app.placeName(view, app.communityOf(unit, view));
    if (app.movedUnits(view).has(unit)) return t("moves_to", { from, to });
    return app.communityOf(unit, "today") < 0 && data.today.length ? t("joins", { name: to }) : t("stays", { name: to });
  };

  app.drawSearch = function () {
    if (!data.units.id.length) return void fill("search");
    const before = document.getElementById("query")?.value || "";
    const status = element("p", { class: "hint", role: "status", id: "search-status" });
    const list = element("ul", { id: "results" });
    const input = element("input", { type: "search", id: "query", autocomplete: "off", placeholder: t("search_hint"),
      "aria-labelledby": "search-title", "aria-describedby": "search-status", on: {
        input: () => drawResults(input.value, list, status),
        keydown: (event) => {
          const first = list.querySelector("button");
          if (event.key === "Enter" && first) first.click();
          if (event.key === "ArrowDown" && first) { event.preventDefault(); first.focus(); }
        } } });
    input.value = before;
    list.addEventListener("keydown", (event) => walkThrough(event, list, input));
    fill("search", element("h2", { id: "search-title" }, t("search")), input, status, list);
    drawResults(before, list, status);
  };

  function walkThrough(event, list, input) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const all = [...list.querySelectorAll("button")];
    const next = all[all.indexOf(document.activeElement) + step];
    (next || (step < 0 ? input : all[all.length - 1])).focus();
  }

  function drawResults(query, list, status) {
    const units = app.findUnits(query);
    const communities = app.findCommunities(query);
    const total = units.length + communities.length;
    status.textContent = !query.trim() ? "" : !total ? t("search_none")
      : total > most ? t("search_more") : t("search_found", { count: format(total) });
    const shown = communities.slice(0, Math.max(3, most - units.length));
    list.replaceChildren(
      ...units.slice(0, most).map((unit) => element("li", {}, unitButton(unit))),
      ...shown.map(({ view, row }) => element("li", {}, communityButton(view, row))));
  }

  function unitButton(unit) {
    const moves = app.movedUnits().has(unit);
    const room = app.roomWords(unit);
    return element("button", { type: "button", class: "result", on: { click: () => app.showUnit(unit) } },
      element("b", {}, app.unitName(unit)), " ", element("span", { class: moves ? "moving" : null }, app.placeWords(unit)),
      room ? element("span", { class: "result-room" }, room) : null);
  }

  function communityButton(view, row) {
    const record = data[view][row];
    const click = () => { app.change({ view, split: null }); app.select(row); };
    return element("button", { type: "button", class: "result", on: { click } }, element("b", {}, record.name), " ",
      t("view_" + view) + " · " + t("units_households", { units: format(record.units), households: format(record.hh) }));
  }

  app.showUnit = function (unit) {
    const own = app.communityOf(unit, state.view);
    app.select(own < 0 ? null : own, unit);
  };
})(commplan);
