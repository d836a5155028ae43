/* Which community carries on which of today's: the one-to-one matching of the largest sum of shared
   households, the same among equals as `problem/successors.py` takes. */
"use strict";
(function (app) {
  /* Pairs of old and new communities that may succeed each other, and what each is worth. */
  function overlaps(oldOf, newOf, households, locked) {
    const pairs = new Map();
    const whole = { old: new Map(), new: new Map() };
    const add = (map, key, value) => map.set(key, (map.get(key) || 0) + value);
    let locks = 0;
    oldOf.forEach((old, unit) => {
      const now = newOf[unit];
      locks += locked[unit] ? 1 : 0;
      if (old >= 0) add(whole.old, old, households[unit]);
      if (now >= 0) add(whole.new, now, households[unit]);
      if (old < 0 || now < 0) return;
      const key = old + "," + now;
      if (!pairs.has(key)) pairs.set(key, { old, now, shared: 0, kept: 0, first: unit });
      const pair = pairs.get(key);
      pair.shared += households[unit];
      pair.kept += locked[unit] ? 1 : 0;
    });
    return [...pairs.values()].filter((p) => p.shared > 0 || (!whole.old.get(p.old) && !whole.new.get(p.now)))
      .map((p) => ({ old: p.old, now: p.now, worth: p.shared * (locks + 1) + p.kept }));
  }

  /* A cheapest choice of one column for every row; `rows[r]` lists [column, cost]. */
  function cheapest(rows) {
    const columnOf = new Array(rows.length).fill(-1);
    const rowOf = new Map();
    const own = new Array(rows.length).fill(0);
    rows.forEach((_, start) => {
      const dist = new Map();
      const from = new Map();
      const queue = [];
      const relax = (row, base, via) => {
        for (const [column, cost] of rows[row]) {
          const length = base + cost;
          if (dist.has(column) && dist.get(column) <= length) continue;
          dist.set(column, length);
          from.set(column, [row, via]);
          queue.push(column);
        }
      };
      relax(start, 0, -1);
      for (let i = 0; i < queue.length; i++) {
        const holder = rowOf.get(queue[i]);
        if (holder !== undefined) relax(holder, dist.get(queue[i]) - own[holder], queue[i]);
      }
      let column = -1;
      for (const [free, length] of dist) {
        if (!rowOf.has(free) && (column < 0 || length < dist.get(column))) column = free;
      }
      while (column >= 0) {
        const [row, via] = from.get(column);
        rowOf.set(column, row);
        columnOf[row] = column;
        own[row] = rows[row].find(([c]) => c === column)[1];
        column = via;
      }
    });
    return { columnOf, own };
  }

  /* Dual values of the columns: a pair may be in a cheapest choice only if it is tight under them. */
  function potentials(rows, { columnOf, own }, columns) {
    let values = new Array(columns).fill(0);
    for (;;) {
      const better = [...values];
      rows.forEach((options, row) => {
        for (const [column, cost] of options) {
          better[column] = Math.min(better[column], values[columnOf[row]] + cost - own[row]);
        }
      });
      if (better.every((value, i) => value === values[i])) return values;
      values = better;
    }
  }

  /* Rows with their new columns if `row` takes `column` and nobody before it loses; [] if it cannot. */
  function chain(row, column, { tight, columnOf, rowOf, maybeEmpty }) {
    const cameFrom = new Map([[column, [row, -1]]]);
    const queue = [column];
    let nobodyMoved = false;
    for (let i = 0; i < queue.length; i++) {
      const at = queue[i];
      if (at === columnOf[row]) {
        const found = [];
        for (let here = at; here !== -1; here = cameFrom.get(here)[1]) found.push([cameFrom.get(here)[0], here]);
        return found;
      }
      const holder = rowOf.has(at) ? rowOf.get(at) : -1;
      if ((holder >= 0 && holder <= row) || (holder < 0 && nobodyMoved)) continue;
      nobodyMoved = nobodyMoved || holder < 0;
      for (const further of holder < 0 ? maybeEmpty : tight[holder]) {
        if (cameFrom.has(further)) continue;
        cameFrom.set(further, [holder, at]);
        queue.push(further);
      }
    }
    return [];
  }

  /* Of all cheapest choices the first: row after row, each has its earliest possible column. */
  function earliest(rows, chosen, columns) {
    const values = potentials(rows, chosen, columns);
    const { columnOf, own } = chosen;
    const tight = rows.map((options, row) => options.filter(([column, cost]) =>
      cost - values[column] === own[row] - values[columnOf[row]]).map(([column]) => column).sort((a, b) => a - b));
    const rowOf = new Map(columnOf.map((column, row) => [column, row]));
    const maybeEmpty = values.flatMap((value, column) => (value === 0 ? [column] : []));
    rows.forEach((_, row) => {
      for (const column of tight[row]) {
        if (column >= columnOf[row]) return;
        const movers = chain(row, column, { tight, columnOf, rowOf, maybeEmpty }).filter(([mover]) => mover >= 0);
        if (!movers.length) continue;
        for (const [mover] of movers) rowOf.delete(columnOf[mover]);
        for (const [mover, to] of movers) {
          columnOf[mover] = to;
          rowOf.set(to, mover);
        }
        return;
      }
    });
    return columnOf;
  }

  /* For each new community the old one that it succeeds, -1 for none. */
  app.matchSuccessors = function (oldOf, newOf, households, locked, count) {
    const succeeds = new Array(count).fill(-1);
    const pairs = overlaps(oldOf, newOf, households, locked);
    if (!pairs.length) return succeeds;
    const firstUnit = new Map();
    newOf.forEach((now, unit) => { if (now >= 0 && !firstUnit.has(now)) firstUnit.set(now, unit); });
    const olds = [...new Set(pairs.map((p) => p.old))].sort((a, b) => a - b);
    const news = [...new Set(pairs.map((p) => p.now))].sort((a, b) => firstUnit.get(a) - firstUnit.get(b));
    const rowOfOld = new Map(olds.map((old, row) => [old, row]));
    const columnOfNew = new Map(news.map((now, column) => [now, column]));
    const price = Math.max(...pairs.map((p) => p.worth)) + 1;
    // Every old community has a column of its own that stands for "no successor".
    const rows = olds.map((_, row) => [[news.length + row, price]]);
    for (const p of pairs) rows[rowOfOld.get(p.old)].push([columnOfNew.get(p.now), price - p.worth]);
    const columnOf = earliest(rows, cheapest(rows), news.length + olds.length);
    columnOf.forEach((column, row) => { if (column < news.length) succeeds[news[column]] = olds[row]; });
    return succeeds;
  };
})(commplan);
