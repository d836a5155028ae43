/* The page's data, words and small tools. Text from data only ever becomes text nodes. */
"use strict";
var commplan = (function () {
  const data = JSON.parse(document.getElementById("commplan-data").textContent);
  const state = {
    language: data.languages[0],
    view: data.proposed.length ? "proposed" : "today", // today, proposed, or edited
    split: null, // side (two maps), swipe (one over the other), or null
    selected: null, // row in the shown communities
    unit: null, // row in the units
    sort: { key: null, down: false },
  };
  const listeners = [];

  function t(key, values) {
    const words = data.words[state.language][key];
    if (words === undefined) throw new Error("no words for " + key);
    return words.replace(/\{(\w+)\}/g, (_, name) => String(values[name]));
  }

  /* The name of a value in a vocabulary (kinds, ways, ...), else the value itself. */
  function named(group, value) {
    const names = data.names[state.language][group];
    return Object.prototype.hasOwnProperty.call(names, value) ? names[value] : String(value);
  }

  function inLanguage(byLanguage) {
    return byLanguage[state.language] || byLanguage[state.language.split("-")[0]] ||
      Object.values(byLanguage)[0] || "";
  }

  const formatters = new Map(); // making one is slow

  function formatter(style, digits, least) {
    const key = [state.language, style, digits, least].join();
    if (!formatters.has(key)) {
      formatters.set(key, new Intl.NumberFormat(state.language, {
        style, minimumFractionDigits: least, maximumFractionDigits: digits,
      }));
    }
    return formatters.get(key);
  }

  /* What is written as zeros only has no sign. */
  function plainZero(value, digits) {
    return Math.abs(value) * 10 ** digits < 0.5 ? 0 : value;
  }

  /* `isFixed` keeps zeros at the end, so that figures side by side have as many places. */
  function format(value, digits, isFixed) {
    if (value === null || value === undefined) return "–";
    return formatter("decimal", digits || 0, isFixed ? digits || 0 : 0).format(plainZero(value, digits || 0));
  }

  function percent(value, digits) {
    if (value === null || value === undefined) return "–";
    const places = digits === undefined ? 0 : digits;
    // Nearly all is not all: 99.96 % is not shown as 100 %.
    const most = 1 - 10 ** -(places + 2);
    return formatter("percent", places, 0).format(value < 1 ? Math.min(plainZero(value, places + 2), most) : value);
  }

  /* element("p", {class: "x"}, "text", child, ...): strings become text nodes, never markup. */
  function element(tag, attributes, ...children) {
    const node = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes || {})) {
      if (value === false || value === null || value === undefined) continue;
      if (name === "on") for (const [event, f] of Object.entries(value)) node.addEventListener(event, f);
      else node.setAttribute(name, value === true ? "" : value);
    }
    for (const child of children.flat()) {
      if (child === null || child === undefined) continue;
      node.append(child instanceof Node ? child : document.createTextNode(String(child)));
    }
    return node;
  }

  function fill(id, ...children) {
    const node = document.getElementById(id);
    node.replaceChildren(...children.flat().filter((child) => child !== null));
    return node;
  }

  const [west, south] = data.origin;

  function latLng(point) {
    return [(south + point[1]) / 1e6, (west + point[0]) / 1e6];
  }

  function unpack(ring) {
    const points = new Array(ring.length / 2);
    let x = 0;
    let y = 0;
    for (let i = 0; i < ring.length; i += 2) {
      x += ring[i];
      y += ring[i + 1];
      points[i / 2] = [(south + y) / 1e6, (west + x) / 1e6];
    }
    return points;
  }

  function communities(view) {
    return data[view || state.view];
  }

  const membership = { today: "today", proposed: "now", edited: "edited" };

  /* Row of a unit's community in a view (the shown one), -1 for none. */
  function communityOf(unit, view) {
    return data.units[membership[view || state.view]][unit];
  }

  /* The plan that is set against today: the proposal, or its edited copy while that is shown. */
  function planView() {
    return state.view === "edited" ? "edited" : "proposed";
  }

  const moved = { proposed: new Set((data.units || {}).moved), edited: new Set() };

  /* The units that change community in the plan. */
  function movedUnits(view) {
    return moved[(view || planView()) === "edited" ? "edited" : "proposed"];
  }

  function placeName(view, row) {
    return row < 0 || !data[view][row] ? t("no_community") : data[view][row].name;
  }

  function unitName(unit) {
    return (data.units.name.length && data.units.name[unit]) || data.units.id[unit];
  }

  /* Areas that are named by what they mean bear words in each language. */
  function nameAreas() {
    for (const record of [...(data.today || []), ...(data.proposed || [])]) {
      if (record.words) Object.assign(record, record.words[state.language]);
    }
  }

  function change(changes) {
    Object.assign(state, changes);
    if ("language" in changes) nameAreas();
    for (const listener of listeners) listener(changes);
  }

  /* The document's language, the button to the other one, and the words that stand in the page's body. */
  function drawLanguage() {
    document.documentElement.lang = state.language;
    document.title = data.title[state.language];
    document.getElementById("title").textContent = data.title[state.language];
    const other = data.languages.find((language) => language !== state.language);
    const button = document.getElementById("language");
    button.hidden = !other;
    button.onclick = () => change({ language: other });
    if (other) {
      button.textContent = t("language_other");
      button.lang = other;
      button.setAttribute("aria-label", t("language_label"));
    }
    for (const node of document.querySelectorAll("[data-word]")) node.textContent = t(node.dataset.word);
  }

  function dateWords() {
    const [year, month, day] = data.date.split("-").map(Number);
    return new Intl.DateTimeFormat(state.language, { dateStyle: "long", timeZone: "UTC" })
      .format(Date.UTC(year, month - 1, day));
  }

  nameAreas();
  return {
    data, state, listeners, t, named, inLanguage, format, percent, element, fill, latLng, unpack,
    communities, communityOf, planView, moved, movedUnits, placeName, unitName, change, drawLanguage, dateWords,
  };
})();
