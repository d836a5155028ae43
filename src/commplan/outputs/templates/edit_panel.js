/* The panel of live editing: what is chosen, whom to give it, rules in green and red, files. */
"use strict";
(function (app) {
  const { data, state, t, element, fill, format, percent } = app;
  const { edit } = app;
  const units = data.units;

  function button(id, word, click, more) {
    return element("button", { type: "button", class: "plain", id, on: { click }, ...more }, t(word));
  }

  function sum(rows) {
    return rows.reduce((total, unit) => total + units.hh[unit], 0);
  }

  function names(rows) {
    const shown = rows.slice(0, 5).map(app.unitName).join(t("edit_comma"));
    return rows.length > 5 ? t("edit_and_more", { name: shown, count: format(rows.length - 5) }) : shown;
  }

  function toolbar() {
    const press = (tool) => () => {
      edit.tool = edit.tool === tool ? "choose" : tool;
      app.drawEdit();
    };
    return element("div", { class: "tools", role: "group", "aria-label": t("edit_tools") },
      button("edit-undo", "edit_undo", app.undo, { disabled: !edit.done.length }),
      button("edit-redo", "edit_redo", app.redo, { disabled: !edit.undone.length }),
      button("edit-reset", "edit_reset", app.reset, { disabled: !app.differing().length }),
      button("edit-box-tool", "edit_box", press("box"), { "aria-pressed": String(edit.tool === "box") }),
      button("edit-comment-tool", "edit_comment", press("comment"), { "aria-pressed": String(edit.tool === "comment") }));
  }

  /* One button for each community beside the chosen units, with what it would hold then. */
  function targets() {
    const rows = [...edit.chosen];
    const offers = app.besides(edit.chosen, units.edited).slice(0, 8).map((community) => {
      const record = data.edited[community];
      const coming = rows.filter((unit) => units.edited[unit] !== community);
      const after = record.hh + sum(coming);
      const [low, high] = data.edit.bounds;
      return element("button", { type: "button", class: "plain give", "data-community": record.id, on: { click: () => app.give(community) } },
        element("span", { class: "swatch", style: "background:" + data.palette[record.c] }),
        t("edit_give", { name: record.name }), " ", element("span", { class: after < low || after > high ? "bad" : "quiet" }, t("edit_then", { count: format(after) })));
    });
    if (!offers.length) offers.push(element("p", { class: "hint" }, t("edit_nobody_beside")));
    offers.push(button("edit-new", "edit_new", app.giveNew));
    return element("div", { class: "targets" }, offers);
  }

  function chosenPart() {
    const rows = [...edit.chosen];
    const touch = window.matchMedia("(pointer: coarse)").matches;
    const hint = { choose: touch ? "edit_hint_touch" : "edit_hint", box: "edit_hint_box", comment: "edit_hint_comment" }[edit.tool];
    const found = state.unit !== null && !edit.chosen.has(state.unit)
      ? element("button", { type: "button", class: "plain", id: "edit-add", on: { click: () => app.choose([state.unit], true) } }, t("edit_add", { name: app.unitName(state.unit) })) : null;
    if (!rows.length) return [element("p", { class: "hint" }, t(hint)), found];
    return [element("p", { id: "edit-chosen" }, t("edit_chosen", { units: format(rows.length), households: format(sum(rows)), name: names(rows) }), " ",
      button("edit-clear", "edit_clear", () => app.choose([], false))), targets(), found];
  }

  function faultWords(fault) {
    const record = fault.community === null ? null : data.edited[fault.community];
    const values = Object.fromEntries(Object.entries(fault.values).map(([key, value]) => [key, typeof value === "number" ? format(value, 2) : value]));
    if (record) values.name = record.name;
    if (fault.name) values.unit = data.edit.words[state.language].attributes[fault.name];
    const line = t("edit_fault_" + fault.word, values);
    const list = fault.names ? fault.names.join(t("edit_comma")) : fault.units && fault.units.length ? names(fault.units) : "";
    return list ? line + t("colon") + list : line;
  }

  /* Every rule that holds here, kept (green) or broken (red), each with its clause. */
  function ruleList() {
    const worded = data.edit.words[state.language].rules;
    const items = worded.map((rule) => {
      const faults = edit.counted.faults.filter((fault) => fault.rule === rule.rule);
      const broken = faults.length > 0;
      return element("li", { class: broken ? "broken" : "kept", "data-rule": rule.rule },
        element("span", { class: "mark", "aria-hidden": "true" }, broken ? "✗" : "✓"), " ",
        element("span", { class: "sr" }, t(broken ? "edit_broken" : "edit_kept") + t("colon")), rule.words, " ",
        element("span", { class: "clause" }, rule.clause),
        broken ? element("ul", {}, faults.slice(0, 8).map((fault) => element("li", {}, element("button", { type: "button", class: "link", on: { click: () => show(fault) } }, faultWords(fault)))),
          faults.length > 8 ? element("li", {}, t("edit_more_faults", { count: format(faults.length - 8) })) : null) : null);
    });
    return element("ul", { class: "rules" }, items);
  }

  function show(fault) {
    const rings = fault.community !== null ? data.edited[fault.community].rings : (fault.units || []).flatMap((unit) => units.rings[unit]);
    if (rings.length) app.zoomTo(rings);
  }

  function figures() {
    const { counts, movedHouseholds, borderKm } = edit.counted;
    const there = counts.filter((c) => c.inside.length);
    const [low, high] = data.edit.bounds;
    const before = data.today.length ? units.today.reduce((total, old, unit) => total + (old < 0 ? 0 : units.hh[unit]), 0) : 0;
    const short = data.edited.filter((r) => r.units).map((r) => r.short);
    const known = short.filter((m2) => m2 !== null);
    return { communities: there.length, communities_in_bounds: there.filter((c) => c.hh >= low && c.hh <= high).length,
      households: sum(units.id.map((_, unit) => unit)), moved_households: movedHouseholds,
      moved_share: before ? movedHouseholds / before : null, border_km: borderKm,
      room_need_m2: there.every((c) => c.need !== null) ? there.reduce((m2, c) => m2 + c.need, 0) : null,
      room_short_m2: known.length ? known.reduce((a, b) => a + b, 0) : null };
  }

  /* The measures with the edited plan's values; what only walking can tell is left open. */
  app.shownMeasures = function () {
    if (state.view !== "edited") return data.measures;
    const own = figures();
    return data.measures.map((m) => ({ ...m, value: m.code in own ? own[m.code] : null }));
  };

  function comparison() {
    const own = figures();
    const rows = data.measures.filter((m) => m.code in own).map((m) => {
      const words = (number) => (number === null || number === undefined ? "–" : m.unit === "share" ? percent(number, 1) : format(number, m.digits, true));
      const other = words(m.value) !== words(own[m.code]);
      return element("tr", { class: other ? "changed" : null }, element("th", { scope: "row" }, app.named("measure", m.code)),
        element("td", { class: "number" }, words(m.value)), element("td", { class: "number" }, words(own[m.code])));
    });
    return element("table", { class: "compare" }, element("thead", {}, element("tr", {}, ["measure", "proposed", "edited"].map((word) =>
      element("th", { scope: "col", class: word === "measure" ? null : "number" }, t(word))))), element("tbody", {}, rows));
  }

  function differences() {
    const rows = app.differing();
    if (!rows.length) return element("p", { class: "hint" }, t("edit_same"));
    const lines = rows.slice(0, 200).map((unit) => element("tr", {},
      element("th", { scope: "row" }, element("button", { type: "button", class: "link", on: { click: () => app.zoomTo(units.rings[unit]) } }, app.unitName(unit))),
      element("td", { class: "number" }, format(units.hh[unit])),
      element("td", {}, app.placeName("proposed", units.now[unit])), element("td", {}, app.placeName("edited", units.edited[unit]))));
    return element("details", { class: "more", id: "edit-differences", open: document.getElementById("edit-differences")?.open },
      element("summary", {}, t("edit_differs", { units: format(rows.length), households: format(sum(rows)) })),
      element("table", {}, element("thead", {}, element("tr", {}, ["unit", "households", "proposed", "edited"].map((word) =>
        element("th", { scope: "col", class: word === "households" ? "number" : null }, t(word))))), element("tbody", {}, lines)));
  }

  function files() {
    const input = element("input", { type: "file", accept: ".csv,text/csv", id: "edit-file", class: "sr", tabindex: "-1", "aria-label": t("edit_open"),
      on: { change: () => readFile(input) } });
    return element("div", { class: "tools" },
      button("edit-save", "edit_save", () => { app.download("edited.csv", app.assignmentCsv()); edit.saved = true; }),
      button("edit-open", "edit_open", () => input.click()), input,
      button("edit-save-comments", "edit_save_comments", app.saveComments, { disabled: !app.comments.length }));
  }

  function readFile(input) {
    const [file] = input.files;
    if (!file) return;
    file.text().then((text) => {
      const missed = app.loadAssignment(text.replace(/^\ufeff/, ""));
      edit.said = missed === null ? t("edit_open_wrong") : missed ? t("edit_open_missed", { count: format(missed) }) : t("edit_opened");
      app.drawEdit();
    });
  }

  function verdict() {
    const count = edit.counted.faults.length;
    return element("p", { class: "verdict " + (count ? "bad" : "good"), role: "status", id: "edit-verdict" },
      count ? t("edit_invalid", { count: format(count) }) : t("edit_valid"));
  }

  app.drawEdit = function () {
    const focused = document.activeElement && document.getElementById("edit").contains(document.activeElement) ? document.activeElement.id : "";
    document.getElementById("frame").dataset.tool = state.view === "edited" ? edit.tool : "";
    const title = element("h2", { id: "edit-title" }, t("edit"));
    if (state.view !== "edited") {
      fill("edit", title, element("p", { class: "hint" }, t("edit_about")),
        button("edit-begin", "edit_begin", () => app.change({ view: "edited", split: null, selected: null })));
      return;
    }
    fill("edit", title, verdict(), toolbar(), chosenPart(), app.commentPart(), element("h3", {}, t("edit_rules")), ruleList(),
      element("p", { class: "hint" }, t("edit_rooms_note")), element("h3", {}, t("edit_compare")), comparison(), differences(),
      element("h3", {}, t("edit_files")), edit.said ? element("p", { class: "hint", role: "status" }, edit.said) : null, files(),
      element("p", { class: "hint" }, t("edit_next")));
    if (focused) (document.getElementById(focused) || document.getElementById("edit-undo")).focus();
  };
})(commplan);
