// Small multiples: the state of every unit along the curve, beside what it follows; one that is pressed is taken apart below.
(() => {
  const { lab } = moraine;
  const FOLLOWS = 0.5; // |r| from which on a unit is said to follow
  let grid, note, cells;

  function start(body) {
    note = moraine.element("p", { className: "m-lab-note" });
    grid = moraine.element("div", { className: "m-lab-grid" });
    cells = [];
    for (let layer = 1; layer <= lab.shape.layers; layer++) {
      for (let unit = 1; unit <= lab.shape.units; unit++) cells.push(cell(layer, unit));
    }
    body.append(note, grid);
  }

  function cell(layer, unit) {
    const beside = lab.svg("path", { class: "m-lab-line m-lab-beside" }), state = lab.svg("path", { class: "m-lab-line m-lab-state" });
    const svg = lab.svg("svg", { viewBox: "0 0 100 100", preserveAspectRatio: "none", "aria-hidden": "true" }, beside, state);
    const words = moraine.element("span", { className: "m-lab-r" });
    const area = moraine.element("span", { className: "m-lab-area" }, svg, moraine.element("span", { className: "m-lab-cursor m-lab-at-step" }));
    const made = moraine.element("button", { type: "button", className: "m-lab-unit" }, moraine.element("span", { className: "m-lab-which", textContent: `${layer}·${unit}` }), area, words);
    Object.assign(made.dataset, { layer, unit });
    return { layer, unit, made, beside, state, words };
  }

  const r = (cell, name) => {
    const { units } = lab.data, { layers, units: wide } = lab.shape;
    return units ? units[name][(lab.state.epoch - 1) * layers * wide + (cell.layer - 1) * wide + cell.unit - 1] : NaN;
  };
  const size = (value) => (Number.isNaN(value) ? -1 : Math.abs(value));
  const follows = (cell) => {
    const level = size(r(cell, "r_level")), count = size(r(cell, "r_count"));
    return Math.max(level, count) < FOLLOWS ? "" : level > count ? "level" : "count";
  };

  function show(changed) {
    const { order, only, layer, unit, curve } = lab.state, by = order || "r_count";
    if (["epoch", "order", "only"].some((name) => changed.has(name))) {
      const shown = cells.filter((cell) => only === "" || String(cell.layer) === only);
      if (order) shown.sort((a, b) => size(r(b, order)) - size(r(a, order)));
      grid.replaceChildren(...shown.map((cell) => cell.made));
      cells.forEach(words);
      const count = (what) => cells.filter((cell) => follows(cell) === what).length;
      note.textContent = !lab.data.units ? "" : `After epoch ${lab.state.epoch}: ${count("count")} of ${cells.length} units follow the count, ${count("level")} the level (|r| ≥ ${FOLLOWS} over all steps of the curves held out, and larger than with the other); by layer ${byLayer()}. Grey behind: the ${by === "r_level" ? "level" : "count"}.`;
    }
    if (["curve", "trace", "order"].some((name) => changed.has(name))) {
      const values = by === "r_level" ? lab.curve(curve) : lab.counted(curve), low = Math.min(...values), high = Math.max(...values, low + 1);
      const beside = by === "r_level" ? lab.path(values, [low, high]) : lab.stairs(values, [low, high]);
      for (const cell of cells) {
        cell.beside.setAttribute("d", beside);
        cell.state.setAttribute("d", lab.path(lab.part(lab.data.trace, "h", cell.layer, cell.unit), [-1.02, 1.02]));
      }
    }
    if (["layer", "unit", "epoch"].some((name) => changed.has(name))) {
      for (const cell of cells) cell.made.setAttribute("aria-pressed", String(cell.layer === layer && cell.unit === unit));
    }
  }

  function words(cell) {
    const said = ["r_level", "r_count"].map((name) => (Number.isNaN(r(cell, name)) ? "–" : lab.number(r(cell, name))));
    cell.words.replaceChildren(...["level", "count"].map((what, i) => moraine.element(follows(cell) === what ? "strong" : "span", { textContent: `${what} ${said[i]}` })));
    cell.made.setAttribute("aria-label", `Unit ${cell.unit} of layer ${cell.layer}: r with the level ${said[0]}, with the running count ${said[1]}`);
  }

  // `1: 12 level, 0 count; 2: …`
  function byLayer() {
    const all = Array.from({ length: lab.shape.layers }, (_, i) => cells.filter((cell) => cell.layer === i + 1));
    return all.map((mine, i) => `${i + 1}: ${mine.filter((cell) => follows(cell) === "level").length} level, ${mine.filter((cell) => follows(cell) === "count").length} count`).join("; ");
  }

  lab.cards.units = { needs: ["curves", "trace"], wants: ["units"], start, show };
})();
