/* Comments placed on the map, and the files that leave the page. */
"use strict";
(function (app) {
  const { data, state, t, element, format } = app;
  app.comments = [];
  let draft = null; // a comment being written

  /* One cell of a CSV. A spreadsheet would run text that begins like a formula: an apostrophe stops it. */
  app.csvCell = function (value, isFree) {
    let text = String(value);
    if (isFree && /^[=+\-@\t\r]/.test(text)) text = "'" + text;
    return /[",\r\n]/.test(text) ? '"' + text.replace(/"/g, '""') + '"' : text;
  };

  app.csvRows = function (text) {
    const rows = [];
    let row = [];
    let cell = "";
    let quoted = false;
    for (let i = 0; i < text.length; i++) {
      const c = text[i];
      if (quoted) {
        if (c === '"' && text[i + 1] === '"') { cell += c; i++; }
        else if (c === '"') quoted = false;
        else cell += c;
      } else if (c === '"') quoted = true;
      else if (c === ",") { row.push(cell); cell = ""; }
      else if (c === "\n") { row.push(cell); rows.push(row); row = []; cell = ""; }
      else if (c !== "\r") cell += c;
    }
    if (cell || row.length) rows.push([...row, cell]);
    return rows;
  };

  app.download = function (name, text) {
    // With the mark by which a spreadsheet knows UTF-8.
    const address = URL.createObjectURL(new Blob(["\ufeff", text], { type: "text/csv;charset=utf-8" }));
    const link = element("a", { href: address, download: name, hidden: true });
    document.body.append(link);
    link.click();
    link.remove();
    setTimeout(() => URL.revokeObjectURL(address), 10000);
  };

  app.placeComment = function (at, unit) {
    draft = { lat: at.lat, lng: at.lng, unit };
    app.edit.tool = "choose";
    app.drawEdit();
    drawPins();
    document.getElementById("comment-text").focus();
  };

  function keep(name, text) {
    if (text.trim()) app.comments.push({ ...draft, name: name.trim(), text: text.trim() });
    draft = null;
    app.edit.saved = false;
    app.drawEdit();
    drawPins();
  }

  function drop(index) {
    app.comments.splice(index, 1);
    app.drawEdit();
    drawPins();
  }

  let pins = null;

  function drawPins() {
    if (pins) pins.remove();
    pins = L.layerGroup().addTo(app.map);
    const all = draft ? [...app.comments, draft] : app.comments;
    all.forEach((comment, i) => {
      const icon = L.divIcon({ className: "comment-pin", iconSize: [26, 26], html: element("span", {}, comment === draft ? "?" : String(i + 1)) });
      const marker = L.marker([comment.lat, comment.lng], { icon, keyboard: false, alt: t("edit_comment") });
      if (comment.text) marker.bindTooltip(element("div", { class: "comment-tip" }, comment.name ? element("strong", {}, comment.name, element("br")) : null, comment.text), { direction: "top", offset: [0, -12] });
      marker.addTo(pins);
    });
  }

  function form() {
    const place = draft.unit === null ? t("edit_comment_here") : app.unitName(draft.unit);
    const name = element("input", { id: "comment-name", type: "text", autocomplete: "name" });
    const text = element("textarea", { id: "comment-text", rows: "3" });
    return element("div", { class: "comment-form" },
      element("p", {}, t("edit_comment_on", { name: place })),
      element("label", { for: "comment-name" }, t("edit_comment_name")), name,
      element("label", { for: "comment-text" }, t("edit_comment_text")), text,
      element("div", { class: "tools" },
        element("button", { type: "button", class: "plain", id: "comment-keep", on: { click: () => keep(name.value, text.value) } }, t("edit_comment_keep")),
        element("button", { type: "button", class: "plain", on: { click: () => keep("", "") } }, t("edit_comment_drop"))));
  }

  app.commentPart = function () {
    const items = app.comments.map((comment, i) => element("li", {}, comment.name ? element("b", {}, comment.name + t("colon")) : null, comment.text, " ",
      element("button", { type: "button", class: "link", "aria-label": t("edit_comment_remove", { count: format(i + 1) }), on: { click: () => drop(i) } }, "✕")));
    return [draft ? form() : null, items.length ? element("ol", { class: "comments" }, items) : null];
  };

  app.commentsCsv = () => "unit,x,y,name,comment\r\n" + app.comments.map((comment) =>
    [app.csvCell(comment.unit === null ? "" : data.units.id[comment.unit]), comment.lng.toFixed(6), comment.lat.toFixed(6),
      app.csvCell(comment.name, true), app.csvCell(comment.text, true)].join(",") + "\r\n").join("");

  app.saveComments = function () {
    app.download("comments.csv", app.commentsCsv());
  };
})(commplan);
