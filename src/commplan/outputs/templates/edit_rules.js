/* The rules of an edited plan, counted anew: the same yardstick as `commplan verify` applies. */
"use strict";
(function (app) {
  const { data } = app;
  const rules = data.edit;
  const units = data.units;
  const count = units.id.length;

  function unfoldEdges() {
    const neighbours = Array.from({ length: count }, () => []);
    const closed = new Set(rules.edges.closed);
    let at = 0;
    rules.edges.degree.forEach((degree, tail) => {
      let head = tail;
      for (let i = 0; i < degree; i++, at++) {
        head += rules.edges.step[at];
        const edge = { dm: rules.edges.dm[at], open: !closed.has(at) };
        neighbours[tail].push({ unit: head, ...edge });
        neighbours[head].push({ unit: tail, ...edge });
      }
    });
    return neighbours;
  }

  const neighbours = unfoldEdges();
  const flags = (rows) => { const is = new Array(count).fill(false); for (const row of rows) is[row] = true; return is; };
  const locked = flags(rules.locked);
  const excepted = flags(rules.excepted);

  function members(of, communities) {
    const rows = Array.from({ length: communities }, () => []);
    of.forEach((community, unit) => { if (community >= 0) rows[community].push(unit); });
    return rows;
  }

  /* The pieces of a community by open edges, the one with most households first. */
  app.piecesOf = function (inside, of) {
    const seen = new Set();
    const pieces = [];
    for (const start of inside) {
      if (seen.has(start)) continue;
      const piece = [start];
      seen.add(start);
      for (let i = 0; i < piece.length; i++) {
        for (const { unit, open } of neighbours[piece[i]]) {
          if (!open || of[unit] !== of[start] || seen.has(unit)) continue;
          seen.add(unit);
          piece.push(unit);
        }
      }
      pieces.push(piece);
    }
    const households = (piece) => piece.reduce((sum, unit) => sum + units.hh[unit], 0);
    return pieces.sort((a, b) => households(b) - households(a) || b.length - a.length || a[0] - b[0]);
  };

  /* Floor area that a community's rooms need: the most that any rule of the document asks. */
  function needed(hh, pop, commerce) {
    if (!rules.need.length) return null;
    let most = 0;
    for (const rule of rules.need) {
      if (rule.of === "people" && pop === null) return null;
      if (rule.of === "step" && hh < rule.from) continue;
      most = Math.max(most, rule.of === "households" ? rule.per * hh : rule.of === "people" ? rule.per * pop : rule.m2);
    }
    return most * (rules.uplift && commerce >= rules.uplift.from ? rules.uplift.factor : 1);
  }

  function total(inside, amounts) {
    if (!amounts) return null;
    let sum = 0;
    for (const unit of inside) {
      if (amounts[unit] === null) return null;
      sum += amounts[unit];
    }
    return sum;
  }

  /* Whether a community is exactly one of today's, and may stay as it is. */
  function unchanged(inside, todayRows) {
    if (!rules.grandfather || !inside.length) return false;
    const old = units.today[inside[0]];
    return old >= 0 && inside.length === todayRows[old].length && inside.every((unit) => units.today[unit] === old);
  }

  function barred(pieces) {
    const first = new Set(pieces[0]);
    return pieces.slice(1).some((piece) => piece.some((unit) => neighbours[unit].some((n) => !n.open && first.has(n.unit))));
  }

  function sizeFaults(counts, todayRows) {
    const [low, high] = rules.bounds;
    const faults = [];
    counts.forEach((c, community) => {
      if (!c.inside.length || c.inside.some((unit) => excepted[unit]) || unchanged(c.inside, todayRows)) return;
      if (c.hh < low) faults.push({ rule: "size", word: "too_few", community, values: { households: c.hh, min: low, by: low - c.hh } });
      if (c.hh > high) faults.push({ rule: "size", word: "too_many", community, values: { households: c.hh, max: high, by: c.hh - high } });
      for (const limit of rules.attributes) {
        const sum = total(c.inside, limit.amount);
        if (sum >= limit.low && sum <= limit.high) continue;
        const shown = { amount: sum / limit.scale, min: limit.low / limit.scale, max: limit.high / limit.scale };
        faults.push({ rule: "attributes", word: "attribute_off", community, values: shown, name: limit.name });
      }
    });
    return faults;
  }

  function pieceFaults(counts, of) {
    return counts.flatMap((c, community) => {
      const pieces = c.inside.length ? app.piecesOf(c.inside, of) : [];
      return pieces.length < 2 ? [] : [{ rule: "pieces", word: barred(pieces) ? "pieces_barrier" : "pieces_apart",
        community, units: pieces.slice(1).flat(), values: { count: pieces.length } }];
    });
  }

  function partFaults(counts) {
    if (!rules.within) return [];
    return counts.flatMap((c, community) => {
      const found = [...new Set(c.inside.map((unit) => rules.part[unit]).filter((part) => part >= 0))];
      return found.length < 2 ? [] : [{ rule: "part", word: "across", community, values: {}, names: found.map((part) => rules.parts[part]) }];
    });
  }

  function groupFaults(of) {
    const found = new Map();
    rules.group.forEach((group, unit) => {
      if (group < 0) return;
      if (!found.has(group)) found.set(group, []);
      found.get(group).push(unit);
    });
    return [...found].flatMap(([group, rows]) => (rows.every((unit) => of[unit] === of[rows[0]]) ? []
      : [{ rule: "group", word: "apart", community: null, units: rows, values: { name: rules.groups[group] } }]));
  }

  function wholeFaults(counts, moved, movedHouseholds) {
    const faults = [];
    const lost = rules.locked.filter((unit) => moved.has(unit));
    if (lost.length) faults.push({ rule: "lock", word: "unlocked", community: null, units: lost, values: { count: lost.length } });
    const k = counts.filter((c) => c.inside.length).length;
    const [few, many] = rules.communities || [0, Infinity];
    if (k < few || k > many) faults.push({ rule: "number", word: "number_off", community: null, values: { count: k, min: few, max: many } });
    if (rules.max_moved !== null && movedHouseholds > rules.max_moved) {
      faults.push({ rule: "moved", word: "moved_off", community: null, values: { households: movedHouseholds, max: rules.max_moved } });
    }
    return faults;
  }

  /* Metres of border between communities that a plan can move, in km. */
  function borderKm(of) {
    let dm = 0;
    neighbours.forEach((row, unit) => { for (const n of row) if (n.unit > unit && of[n.unit] !== of[unit]) dm += n.dm; });
    return dm / 1e4;
  }

  /* Everything that an edit changes: a count per community, faults, moved units, figures. */
  app.recount = function (of, communities) {
    const todayRows = members(units.today, data.today.length);
    const counts = members(of, communities).map((inside) => {
      const hh = inside.reduce((sum, unit) => sum + units.hh[unit], 0);
      const pop = total(inside, rules.pop);
      const commerce = rules.commerce ? inside.reduce((sum, unit) => sum + (rules.commerce[unit] || 0), 0) : 0;
      return { inside, hh, pop, area: total(inside, rules.area), need: inside.length ? needed(hh, pop, commerce) : null };
    });
    const succeeds = app.matchSuccessors(units.today, of, units.hh, locked, communities);
    const moved = new Set();
    let movedHouseholds = 0;
    units.today.forEach((old, unit) => {
      if (old < 0 || (of[unit] >= 0 && succeeds[of[unit]] === old)) return;
      moved.add(unit);
      movedHouseholds += units.hh[unit];
    });
    const lost = of.flatMap((community, unit) => (community < 0 ? [unit] : []));
    const faults = [
      ...(lost.length ? [{ rule: "pieces", word: "nobody", community: null, units: lost, values: { count: lost.length } }] : []),
      ...sizeFaults(counts, todayRows), ...pieceFaults(counts, of), ...partFaults(counts), ...groupFaults(of),
      ...wholeFaults(counts, moved, movedHouseholds),
    ];
    return { counts, succeeds, moved, movedHouseholds, faults, borderKm: borderKm(of), valid: !faults.length };
  };

  /* Communities beside some units, by open edges, the longest common border first. */
  app.besides = function (chosen, of) {
    const own = new Set([...chosen].map((unit) => of[unit]));
    const border = new Map();
    for (const unit of chosen) {
      for (const n of neighbours[unit]) {
        if (chosen.has(n.unit) || !n.open || of[n.unit] < 0) continue;
        border.set(of[n.unit], (border.get(of[n.unit]) || 0) + n.dm);
      }
    }
    return [...border].filter(([community]) => own.size > 1 || !own.has(community))
      .sort((a, b) => b[1] - a[1] || a[0] - b[0]).map(([community]) => community);
  };

  app.isExcepted = (inside) => inside.some((unit) => excepted[unit]);
})(commplan);
