/* The panel beside the map: what the plan stands on, its figures, tables, findings, and a search. */
"use strict";
(function (app) {
  const { data, state, t, named, element, fill, format, percent } = app;
  const limit = { minutes: format(data.limit_min) };
  const show = { moves: 15, findings: 6 };

  function heading(id, word, values) {
    return element("h2", { id: id + "-title" }, t(word, values));
  }

  function withUnit(value, unit, digits) {
    return value === null || value === undefined ? "–" : format(value, digits) + " " + unit;
  }

  function value(measure, number) {
    if (number === null || number === undefined) return "–";
    if (measure.unit === "share") return percent(number, 1);
    const unit = named("measure_unit", measure.unit);
    return format(number, measure.digits, true) + (unit ? " " + unit : "");
  }

  app.drawHead = function () {
    const profile = data.profile[state.language];
    fill("meta", t("scenario"), t("colon"), data.scenario, element("span", { class: "dot" }, "·"),
      t("date"), t("colon"), element("time", { datetime: data.date }, app.dateWords()));
    const basis = [element("p", { class: "basis-title" }, t("basis"), t("colon"), profile.title, " ",
      element("span", { class: "badge" + (data.draft ? " badge-draft" : "") }, profile.status))];
    if (profile.clause) basis.push(element("p", {}, profile.clause));
    if (data.bounds && !data.bounds_are_clause) basis.push(element("p", {}, t("bounds", { min: format(data.bounds[0]), max: format(data.bounds[1]) })));
    basis.push(element("p", { class: data.draft ? "standing standing-draft" : "standing" }, profile.standing));
    const note = app.inLanguage(data.note);
    if (note) basis.push(element("p", { class: "standing standing-draft" }, note));
    fill("basis", ...basis);
    // On a phone only the title of the document stands above the map; the rest leads the sheet.
    fill("basis-more", ...basis.slice(1).map((line) => line.cloneNode(true)));
  };

  /* Figures of the plan that is shown; an edited one counts its own. */
  function measures() {
    return app.shownMeasures ? app.shownMeasures() : data.measures;
  }

  function measure(code) {
    return measures().find((m) => m.code === code);
  }

  function card(word, before, after, detail) {
    return element("div", { class: "card" },
      element("div", { class: "card-name" }, t(word, limit)),
      element("div", { class: "card-value" }, after, detail ? element("small", {}, " " + detail) : null),
      before === null ? null : element("div", { class: "card-today" }, t("today") + t("colon") + before));
  }

  app.drawFigures = function () {
    const cards = [];
    const inBounds = measure("communities_in_bounds");
    if (inBounds) {
      const all = measure("communities");
      const of = (number) => (number === null || number === undefined ? "" : t("of_communities", { count: format(number) }));
      const before = inBounds.today === null ? null : format(inBounds.today) + " " + of(all ? all.today : data.today.length);
      cards.push(card("key_in_bounds", before, format(inBounds.value), of(all ? all.value : data.proposed.length)));
    }
    const moved = measure("moved_households");
    const share = measure("moved_share");
    if (moved) cards.push(card("key_moved", null, format(moved.value), share ? percent(share.value, 1) : null));
    const within = measure("within_share");
    if (within) cards.push(card("key_within", within.today === null ? null : percent(within.today, 1), percent(within.value, 1)));
    const short = measure("room_short_m2");
    if (short) cards.push(card("key_short", short.today === null ? null : format(short.today) + " m²", format(short.value), "m²"));
    const rows = measures().map((m) => element("tr", {},
      element("th", { scope: "row" }, named("measure", m.code)),
      element("td", {}, value(m, m.today)), element("td", {}, value(m, m.value))));
    fill("figures", data.measures.length ? [heading("figures", "figures"),
      element("div", { class: "cards" }, cards),
      element("details", { class: "more" }, element("summary", {}, t("figures_all")),
        element("table", {}, head([["measure"], ["today", 1], [app.planView(), 1]]), element("tbody", {}, rows)))] : []);
  };

  function head(columns) {
    return element("thead", {}, element("tr", {}, columns.map(([word, isNumber]) =>
      element("th", { scope: "col", class: isNumber ? "number" : null }, t(word)))));
  }

  function row(word, ...content) {
    return element("tr", {}, element("th", { scope: "row" }, t(word, word === "circle" ? { minutes: format(data.circle_min) } : limit)), element("td", {}, content));
  }

  function boundsWords(record) {
    if (record.ok === null || record.ok === undefined) return null;
    const word = { "-1": "below_bounds", 0: "in_bounds", 1: "above_bounds", 2: "exception" }[record.ok];
    return element("span", { class: "state state-" + (record.ok === 0 ? "good" : record.ok === 2 ? "exception" : "bad") }, t(word));
  }

  function originWords(record) {
    if (record.origin === undefined) return null;
    const old = record.old >= 0 ? data.today[record.old] : null;
    if (!old) return t("origin_new");
    return old.name === record.name ? t("origin_kept") : t("origin_renamed", { name: old.name });
  }

  function siteLines(index) {
    return data.rooms.filter((room) => room.of === index).map((room) => {
      if (!room.at) return element("div", {}, t("no_site"));
      const parts = [room.name || room.site, named("action", room.action)];
      if (room.way) parts.push(named("way", room.way));
      if (room.floor !== null) parts.push(format(room.floor) + " m²");
      return element("div", {}, parts.join(" · "));
    });
  }

  function kindList(record) {
    return element("ul", { class: "kinds" }, data.kinds.map((kind, i) => {
      const part = record.kinds[i];
      const level = part === null ? "none" : part >= 0.995 ? "all" : part > 0 ? "some" : "none";
      return element("li", { class: "kind-" + level }, named("kind", kind) + " " + percent(part));
    }));
  }

  function flows(index) {
    const isToday = state.view === "today";
    const [own, away] = isToday ? ["today", app.planView()] : [state.view, "today"];
    const other = new Map();
    for (const unit of app.movedUnits()) {
      if (app.communityOf(unit, own) !== index) continue;
      const key = app.communityOf(unit, away);
      other.set(key, (other.get(key) || 0) + data.units.hh[unit]);
    }
    return [...other].sort((a, b) => b[1] - a[1]).map(([key, households]) =>
      element("div", {}, app.placeName(away, key) + " " + format(households)));
  }

  app.drawDetail = function () {
    const record = state.selected === null ? null : app.communities()[state.selected];
    if (!record) {
      const empty = state.unit === null ? element("p", { class: "hint" }, t("detail_hint")) : unitLine(state.unit);
      fill("detail", app.communities().length ? [heading("detail", "detail"), empty] : []);
      return;
    }
    const rows = [row("households", element("b", {}, format(record.hh)), " ", boundsWords(record)),
      row("population", format(record.pop)), row("area", withUnit(record.area === null ? null : record.area / 1e6, t("square_km"), 2)),
      row("units", format(record.units))];
    if (record.sub) rows.splice(0, 0, row("subdistrict", record.sub));
    if (record.need !== undefined) rows.push(row("need", withUnit(record.need, "m²")), row("floor", withUnit(record.floor, "m²"), " ",
      record.short > 0 ? element("span", { class: "state state-bad" }, t("short", { area: format(record.short) }))
        : record.short === 0 ? element("span", { class: "state state-good" }, t("enough")) : null));
    const sites = state.view === "today" ? [] : siteLines(state.selected);
    if (sites.length) rows.push(row("sites", ...sites));
    if (record.within !== undefined) rows.push(row("within", percent(record.within, 1)),
      row("walk", withUnit(record.walk, t("minutes"), 1)));
    if (record.kinds) rows.push(row("circle", kindList(record)));
    for (const [word, fact] of record.facts || []) rows.push(row(word, typeof fact === "number" ? format(fact) : fact));
    const moving = flows(state.selected);
    if (moving.length) rows.push(row(state.view === "today" ? "to" : "from", ...moving));
    fill("detail", element("div", { class: "detail-head" },
      element("span", { class: "swatch", style: "background:" + data.palette[record.c] }),
      element("h2", { id: "detail-title" }, record.name),
      element("button", { type: "button", class: "plain", on: { click: () => app.change({ selected: null, unit: null }) } }, t("close"))),
      originWords(record) ? element("p", { class: "origin" }, originWords(record)) : null,
      state.unit === null ? null : unitLine(state.unit),
      element("table", { class: "facts" }, element("tbody", {}, rows)), reasons(record));
  };

  /* Why the community is drawn so, in plain words. */
  function reasons(record) {
    const lines = record.why ? record.why[state.language] : [];
    return lines.length && state.view === "proposed" ? element("div", { class: "reasons" },
      element("h3", {}, t("reasons")), element("ul", {}, lines.map((line) => element("li", {}, line)))) : null;
  }

  function unitLine(unit) {
    const units = data.units;
    const given = data.exceptions[units.id[unit]];
    const reason = given && typeof given === "object" ? app.inLanguage(given) : given;
    const room = data.proposed.length ? app.roomWords(unit) : null;
    return element("p", { class: "unit-line" }, element("strong", {}, app.unitName(unit)),
      " " + t("part_of_map", { households: format(units.hh[unit]) }), element("br"),
      data.proposed.length ? app.placeWords(unit) : null, room ? element("br") : null, room,
      reason ? element("br") : null, reason || null);
  }

  app.select = function (selected, unit) {
    app.change({ selected, unit: unit === undefined ? null : unit });
    // A compound is shown within its community, with the room.
    app.zoomTo(selected === null ? data.units.rings[unit] : app.communities()[selected].rings);
    document.getElementById("detail").scrollIntoView({ block: "nearest" });
  };

  const columns = {
    proposed: [["name"], ["households", 1, (r) => r.hh], ["population", 1, (r) => r.pop],
      ["within", 1, (r) => r.within, percent], ["short_m2", 1, (r) => r.short]],
    today: [["name"], ["households", 1, (r) => r.hh], ["population", 1, (r) => r.pop], ["area", 1, (r) => r.area / 1e6, (x) => format(x, 2)]],
  };

  /* A table that scrolls by itself, with the keyboard too. */
  function scroller(label, table) {
    return element("div", { class: "scroll", tabindex: "0", role: "group", "aria-labelledby": label }, table);
  }

  app.drawCommunities = function () {
    const all = app.communities();
    if (!all.length) return void fill("communities");
    const wanted = columns[state.view === "today" ? "today" : "proposed"].filter(([key, isNumber, get]) => !isNumber || all.some((r) => get(r) !== null && get(r) !== undefined));
    const order = all.flatMap((r, i) => (r.units === 0 ? [] : [i])); // an edit may empty one
    const by = wanted.find(([key]) => key === state.sort.key);
    if (by) {
      const get = by[2] || ((r) => r.name);
      const compare = (a, b) => (typeof a === "number" || typeof b === "number" ? (a ?? -1) - (b ?? -1) : String(a).localeCompare(String(b), state.language));
      order.sort((a, b) => (state.sort.down ? -1 : 1) * compare(get(all[a]), get(all[b])));
    }
    const titles = wanted.map(([key, isNumber]) => element("th", { scope: "col", class: isNumber ? "number" : null,
      "aria-sort": state.sort.key === key ? (state.sort.down ? "descending" : "ascending") : null },
      element("button", { type: "button", class: "sort", on: { click: () => app.change({ sort: { key, down: state.sort.key === key ? !state.sort.down : Boolean(isNumber) } }) } }, t("column_" + key, limit))));
    const rows = order.map((i) => element("tr", { class: i === state.selected ? "chosen" : null }, wanted.map(([key, isNumber, get, words]) => isNumber
      ? element("td", { class: "number" + (key === "households" && Math.abs(all[i].ok) === 1 ? " bad" : "") }, (words || format)(get(all[i])))
      : element("th", { scope: "row" }, element("span", { class: "swatch", style: "background:" + data.palette[all[i].c] }),
        element("button", { type: "button", class: "link", on: { click: () => app.select(i) } }, all[i].name)))));
    fill("communities", heading("communities", `communities_${state.view}`, { count: format(order.length) }),
      scroller("communities-title", element("table", {}, element("thead", {}, element("tr", {}, titles)), element("tbody", {}, rows))));
  };

  app.drawVillages = function () {
    if (!data.villages.length || data.proposed.length) return void fill("villages");
    const order = [...data.villages].sort((a, b) => (a.pop || 0) - (b.pop || 0));
    const rows = order.slice(0, 400).map((v) => element("tr", {}, element("th", { scope: "row" }, v.name),
      element("td", { class: "number" }, format(v.pop)), element("td", { class: "number" }, format(v.hh))));
    fill("villages", heading("villages", "villages", { count: format(data.villages.length) }), scroller("villages-title",
      element("table", {}, head([["column_name"], ["population", 1], ["households", 1]]), element("tbody", {}, rows))));
  };

  function moreButton(list, count, redraw) {
    return show[list] >= count ? null : element("button", { type: "button", class: "plain more-button",
      on: { click: () => { show[list] = Infinity; redraw(); } } }, t("show_all", { count: format(count) }));
  }

  /* Who goes from where to where: a line for each pair, the most households first. */
  function pairs(moved) {
    const found = new Map();
    for (const unit of moved) {
      const [from, to] = [app.communityOf(unit, "today"), app.communityOf(unit, app.planView())];
      const pair = found.get(from + ">" + to) || { from, to, units: 0, households: 0 };
      pair.units += 1;
      pair.households += data.units.hh[unit];
      found.set(from + ">" + to, pair);
    }
    return [...found.values()].sort((a, b) => b.households - a.households);
  }

  app.drawMoves = function () {
    const { units } = data;
    const view = app.planView();
    if (!data.proposed.length || data.still) return void fill("moves"); // a siting moves nobody
    const order = [...app.movedUnits()].sort((a, b) => units.hh[b] - units.hh[a]);
    const total = order.reduce((sum, unit) => sum + units.hh[unit], 0);
    const name = (unit, of) => app.placeName(of, app.communityOf(unit, of));
    const flowRows = pairs(order).map((pair) => element("tr", {},
      element("th", { scope: "row" }, app.placeName("today", pair.from)), element("td", {}, app.placeName(view, pair.to)),
      element("td", { class: "number" }, format(pair.units)), element("td", { class: "number" }, format(pair.households))));
    const rows = order.slice(0, app.printing ? 400 : show.moves).map((unit) => element("tr", {},
      element("th", { scope: "row" }, element("button", { type: "button", class: "link", on: { click: () => app.showUnit(unit) } }, app.unitName(unit))),
      element("td", { class: "number" }, format(units.hh[unit])),
      element("td", {}, name(unit, "today")), element("td", {}, name(unit, view))));
    const sum = order.length ? t("moves_sum", { units: format(order.length), households: format(total) }) : t("moves_none");
    fill("moves", heading("moves", "moves"), element("p", { class: "hint" }, sum), order.length ? [
      element("h3", {}, t("moves_pairs")), scroller("moves-title", element("table", { class: "pairs" },
        head([["from"], ["to"], ["count_units", 1], ["households", 1]]), element("tbody", {}, flowRows))),
      element("h3", {}, t("moves_each")), element("table", { class: "each" },
        head([["unit"], ["households", 1], ["from"], ["to"]]), element("tbody", {}, rows)),
      moreButton("moves", order.length, app.drawMoves)] : []);
  };

  app.drawFindings = function () {
    const all = data.findings[state.language];
    const items = all.slice(0, app.printing ? 60 : show.findings).map((finding) => element("li", { class: "finding finding-" + finding.severity },
      element("span", { class: "severity" }, named("severity", finding.severity)), " ", finding.words,
      finding.clause ? element("span", { class: "clause" }, " " + finding.clause) : null));
    fill("findings", heading("findings", "findings"), items.length ? element("ul", { class: "findings" }, items)
      : element("p", { class: "hint" }, t("findings_none")), moreButton("findings", all.length, app.drawFindings));
  };

  app.drawFoot = function () {
    fill("foot", element("p", { class: "approval" }, t("approval"), t("colon"), data.approval || t("approval_blank")),
      element("p", {}, t("disclaimer")), data.attribution ? element("p", {}, t("attribution"), t("colon"), data.attribution) : null,
      element("button", { type: "button", class: "plain", on: { click: () => app.print() } }, t("print")));
  };
})(commplan);
