/* Several plans side by side: one frame, one range of colours, one axis. Data become text, never markup. */
"use strict";
(function () {
  const data = JSON.parse(document.getElementById("data").textContent);
  let language = data.languages[0];
  const [width, height] = data.size;
  const [low, high] = data.bounds || [0, Infinity];
  // Under the range, three steps within it, above it; told apart by lightness too.
  const colours = { below: "#e8b04a", steps: ["#dcebf5", "#a9cbe2", "#6a9fc9"], above: "#7b3294" };
  const most = Math.max(high < Infinity ? high : 0, ...data.plans.flatMap((plan) => plan.communities.map((c) => c.hh)));

  function t(key, values) {
    return data.words[language][key].replace(/\{(\w+)\}/g, (_, name) => String(values[name]));
  }

  /* What is written as zeros only has no sign. */
  function plainZero(value, digits) {
    return Math.abs(value) * 10 ** digits < 0.5 ? 0 : value;
  }

  function format(value, digits) {
    if (value === null || value === undefined) return "–";
    return new Intl.NumberFormat(language, { maximumFractionDigits: digits || 0 }).format(plainZero(value, digits || 0));
  }

  function worded(measure, value) {
    if (value === null) return "–";
    if (measure.unit === "share") return new Intl.NumberFormat(language, { style: "percent", maximumFractionDigits: 1 }).format(plainZero(value, 3));
    return [format(value, measure.digits), measure.units[language]].filter(Boolean).join(" ");
  }

  function element(tag, attributes, ...children) {
    const node = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes || {})) if (value !== null && value !== undefined) node.setAttribute(name, value);
    for (const child of children.flat()) if (child !== null) node.append(child);
    return node;
  }

  const inLanguage = (byLanguage) => byLanguage[language] || Object.values(byLanguage)[0] || "";

  function colourOf(hh) {
    if (hh < low) return colours.below;
    if (hh > high) return colours.above;
    if (high === Infinity) return colours.steps[1];
    return colours.steps[Math.min(2, Math.floor((3 * (hh - low)) / Math.max(1, high - low)))];
  }

  function trace(pen, rings, scale) {
    pen.beginPath();
    for (const ring of rings) {
      for (let i = 0; i < ring.length; i += 2) pen[i ? "lineTo" : "moveTo"](ring[i] * scale, ring[i + 1] * scale);
      pen.closePath();
    }
  }

  function drawMap(canvas, plan) {
    const sharp = Math.min(2, window.devicePixelRatio || 1);
    const shown = canvas.clientWidth || 400;
    canvas.style.height = (shown * height) / width + "px";
    canvas.width = shown * sharp;
    canvas.height = (shown * sharp * height) / width;
    const pen = canvas.getContext("2d");
    const scale = canvas.width / width;
    for (const community of plan.communities) {
      trace(pen, community.rings, scale);
      pen.fillStyle = colourOf(community.hh);
      pen.fill("evenodd");
      pen.strokeStyle = "#2b3a48";
      pen.lineWidth = 1.1 * sharp;
      pen.stroke();
    }
    drawScale(pen, scale, sharp, canvas.height);
  }

  function drawScale(pen, scale, sharp, bottom) {
    const perKm = data.per_km * scale;
    const step = [0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50].find((km) => km * perKm > 50 * sharp) || 50;
    pen.fillStyle = "#1c2b3a";
    pen.fillRect(8 * sharp, bottom - 10 * sharp, step * perKm, 3 * sharp);
    pen.font = 12 * sharp + "px sans-serif";
    pen.fillText(format(step, 1) + " km", 8 * sharp, bottom - 14 * sharp);
  }

  function watch(canvas, plan) {
    const tip = document.getElementById("tip");
    const pen = canvas.getContext("2d");
    canvas.addEventListener("mousemove", (event) => {
      const box = canvas.getBoundingClientRect();
      const at = [((event.clientX - box.left) * width) / box.width, ((event.clientY - box.top) * width) / box.width];
      const found = plan.communities.find((community) => {
        trace(pen, community.rings, 1);
        return pen.isPointInPath(at[0], at[1], "evenodd");
      });
      tip.hidden = !found;
      if (!found) return;
      tip.textContent = t("size_of", { name: found.name, households: format(found.hh) });
      tip.style.left = Math.min(event.clientX + 14, window.innerWidth - 220) + "px";
      tip.style.top = event.clientY + 14 + "px";
    });
    canvas.addEventListener("mouseleave", () => { tip.hidden = true; });
  }

  function drawMaps() {
    document.getElementById("maps").replaceChildren(...data.plans.map((plan) => {
      const label = t("map", { name: plan.name, count: format(plan.communities.length) });
      const canvas = element("canvas", { role: "img", "aria-label": label });
      const card = element("article", {}, element("div", { class: "plan-head" }, element("h3", {}, plan.name),
        element("span", { class: "state " + (plan.valid ? "good" : "bad") }, t(plan.valid ? "valid" : "invalid")),
        element("span", { class: "quiet" }, plan.date)), canvas);
      requestAnimationFrame(() => { drawMap(canvas, plan); watch(canvas, plan); });
      return card;
    }));
  }

  function drawLegend() {
    const span = (high - low) / 3;
    const rows = high === Infinity ? [] : colours.steps.map((colour, i) => [colour, t("within", { min: format(low + i * span), max: format(low + (i + 1) * span) })]);
    if (data.bounds) rows.unshift([colours.below, t("below", { min: format(low) })]);
    if (high < Infinity) rows.push([colours.above, t("above", { max: format(high) })]);
    document.getElementById("legend").replaceChildren(...rows.map(([colour, words]) =>
      element("li", {}, element("span", { class: "key", style: "background:" + colour }), words)));
  }

  /* One dot for each community on one axis of households, the range shaded. */
  function drawStrip(canvas, plan) {
    const sharp = Math.min(2, window.devicePixelRatio || 1);
    canvas.width = (canvas.clientWidth || 600) * sharp;
    canvas.height = 46 * sharp;
    const pen = canvas.getContext("2d");
    const x = (hh) => 10 * sharp + (hh / (most * 1.04)) * (canvas.width - 20 * sharp);
    pen.fillStyle = "#eaf3f9";
    if (data.bounds) pen.fillRect(x(low), 0, x(Math.min(high, most * 1.04)) - x(low), canvas.height - 16 * sharp);
    pen.fillStyle = "#55636f";
    pen.font = 11 * sharp + "px sans-serif";
    pen.textAlign = "center";
    const step = [100, 200, 500, 1000, 2000, 5000, 10000].find((n) => most / n <= 8) || 50000;
    for (let hh = 0; hh <= most; hh += step) pen.fillText(format(hh), Math.max(x(hh), 14 * sharp), canvas.height - 3 * sharp);
    for (const community of plan.communities) {
      pen.beginPath();
      pen.arc(x(community.hh), 15 * sharp, 4.2 * sharp, 0, 7);
      pen.fillStyle = colourOf(community.hh);
      pen.fill();
      pen.strokeStyle = "#1c2b3a";
      pen.lineWidth = sharp;
      pen.stroke();
    }
  }

  function drawSizes() {
    document.getElementById("sizes").replaceChildren(...data.plans.map((plan) => {
      const sizes = plan.communities.map((c) => c.hh);
      const canvas = element("canvas", { role: "img", "aria-label": plan.name + ": " + format(Math.min(...sizes)) + "–" + format(Math.max(...sizes)) });
      requestAnimationFrame(() => drawStrip(canvas, plan));
      return element("div", { class: "strip" }, element("b", {}, plan.name), canvas);
    }));
  }

  function drawFigures() {
    const head = element("tr", {}, element("th", { scope: "col" }, t("measure")), element("th", { scope: "col", class: "number" }, t("today")),
      data.plans.map((plan) => element("th", { scope: "col", class: "number" }, plan.name)), element("th", { scope: "col" }, t("clause")));
    const rows = data.measures.map((measure) => {
      const largest = Math.max(...[measure.today, ...measure.values].map((v) => Math.abs(v || 0)));
      const cell = (value) => element("td", { class: "number" }, worded(measure, value), value === null || !largest ? null
        : element("span", { class: "bar", style: `width:${(70 * Math.abs(value)) / largest}px`, "aria-hidden": "true" }));
      return element("tr", {}, element("th", { scope: "row" }, measure.words[language]), cell(measure.today),
        measure.values.map(cell), element("td", { class: "clause" }, measure.clause[language]));
    });
    document.getElementById("figures").replaceChildren(element("table", {}, element("thead", {}, head), element("tbody", {}, rows)));
  }

  function drawAll() {
    document.documentElement.lang = language;
    const other = data.languages.find((one) => one !== language);
    const button = document.getElementById("language");
    button.hidden = !other;
    button.textContent = t("language_other");
    button.setAttribute("aria-label", t("language_label"));
    button.lang = other || language;
    document.getElementById("print").textContent = t("print");
    document.title = inLanguage(data.title);
    document.getElementById("title").textContent = inLanguage(data.title);
    document.getElementById("about").textContent = t("title", { count: format(data.plans.length) });
    document.getElementById("maps-title").textContent = t("households");
    document.getElementById("sizes-title").textContent = t("sizes");
    document.getElementById("sizes-about").textContent = t("sizes_about");
    document.getElementById("figures-title").textContent = t("figures");
    drawLegend();
    drawMaps();
    drawSizes();
    drawFigures();
    const lines = [t("approval") + (data.approval || "____________"), t("disclaimer"), data.attribution ? t("data") + data.attribution : ""];
    document.getElementById("foot").replaceChildren(...lines.filter(Boolean).map((line) => element("p", {}, line)));
    document.documentElement.classList.add("ready");
  }

  document.getElementById("language").addEventListener("click", () => {
    language = data.languages.find((one) => one !== language);
    drawAll();
  });
  document.getElementById("print").addEventListener("click", () => window.print());
  window.addEventListener("resize", () => { drawMaps(); drawSizes(); });
  drawAll();
})();
