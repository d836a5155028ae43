/* A rollout: the communities as they stand at the end of each year, chosen by buttons under the map. */
"use strict";
(function (app) {
  const { data, state, t, element, format } = app;
  const plan = data.proposed;
  const { now, moved } = data.units;
  const made = []; // what stands in each year, once it was asked for
  let chosen = data.years.length - 1;

  const isDone = (record, year) => record.year >= 0 && record.year !== null && record.year <= year;

  /* Communities that have changed or never do are those of the plan; the others are still today's. */
  function standing(year) {
    const planRow = new Map();
    const todayRow = new Map();
    const records = [];
    plan.forEach((record, row) => {
      if (record.year === null || isDone(record, year)) planRow.set(row, records.push(record) - 1);
    });
    data.today.forEach((record, row) => {
      if (record.year !== null && !isDone(record, year)) todayRow.set(row, records.push({ ...record, c: data.waits }) - 1);
    });
    const own = now.map((row, unit) => planRow.get(row) ?? todayRow.get(data.units.today[unit]) ?? -1);
    return { records, own, waiting: todayRow.size, moved: new Set(moved.filter((unit) => isDone(plan[now[unit]], year))) };
  }

  function put(year) {
    made[year] = made[year] || standing(year);
    chosen = year;
    data.proposed = made[year].records;
    data.units.now = made[year].own;
    app.moved.proposed = made[year].moved;
    for (const words of Object.values(data.words)) words.view_proposed = words.years_view.replace("{name}", data.years[year].name);
  }

  function show(year) {
    put(year);
    app.change({ view: "proposed", plan: year, selected: null, unit: null });
    draw();
  }

  function counts() {
    const { name, count, households } = data.years[chosen];
    const done = plan.filter((record) => isDone(record, chosen)).length;
    const all = plan.filter((record) => record.year !== null).length;
    return [count ? t("years_change", { name, count: format(count), households: format(households) }) : t("years_none", { name }),
      element("br"), t("years_state", { count: format(done), amount: format(all), units: format(made[chosen].waiting) })];
  }

  const group = element("div", { role: "radiogroup" });
  const line = element("p", { role: "status" });
  const bar = element("div", { id: "years" }, group, line);

  function draw() {
    const isFocused = group.contains(document.activeElement);
    group.setAttribute("aria-label", t("years_label"));
    group.replaceChildren(...data.years.map(({ name }, year) => element("label", {},
      element("input", { type: "radio", name: "year", value: name, checked: year === chosen, on: { change: () => show(year) } }),
      element("span", {}, name))));
    line.replaceChildren(...counts());
    const button = group.querySelectorAll("input")[chosen];
    if (isFocused) button.focus();
    button.parentNode.scrollIntoView({ block: "nearest", inline: "nearest" });
  }

  put(chosen);
  document.getElementById("frame").append(bar);
  document.getElementById("frame").classList.add("with-years");
  draw();
  app.listeners.push((changes) => { if ("language" in changes) draw(); });
})(commplan);
