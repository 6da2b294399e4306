// The curve with its band, where it crosses, how often it has crossed so far, and what the network would say at each step.
(() => {
  const { lab } = moraine;
  let level, count, lines, note, band;

  lab.band = ([low, high]) => {
    const [from, to] = lab.shape.band, y = (value) => 100 - (100 * (value - low)) / (high - low);
    return lab.svg("rect", { class: "m-lab-band", x: 0, width: 100, y: y(to), height: y(from) - y(to) });
  };
  lab.curve = (curve) => lab.data.curves.x.subarray(curve * lab.shape.steps, (curve + 1) * lab.shape.steps);
  lab.counted = (curve) => lab.data.curves.count.subarray(curve * lab.shape.steps, (curve + 1) * lab.shape.steps);

  function start(body) {
    level = lab.frame(body, { up: [-1, 2], name: "level x", label: "", high: "11rem" });
    count = lab.frame(body, { up: [0, 1], name: "crossings so far", label: "", high: "8rem", across: lab.stepTicks() });
    lines = { crossed: level.line("quiet m-lab-dotted"), x: level.line("ink"), count: count.line("ink"), told: count.line("told") };
    note = moraine.element("p", { className: "m-lab-note" });
    const key = moraine.element("p", { className: "m-lab-key" }, moraine.element("span", { className: "m-lab-swatch" }), "crossings so far ", moraine.element("span", { className: "m-lab-swatch m-lab-swatch-told" }), "what the network would say if the curve ended there (it was only ever asked at the end)");
    body.append(key, note);
    [level, count].forEach(lab.along);
  }

  function show(changed) {
    const { curve, step } = lab.state, x = lab.curve(curve), counted = lab.counted(curve), last = counted.length - 1;
    if (changed.has("curve")) {
      const range = [Math.min(-0.5, ...x), Math.max(1.5, ...x)];
      level.scale(range, [-2, -1, 0, 1, 2, 3].filter((value) => value >= range[0] && value <= range[1]).map((value) => [value, lab.number(value, 0)]));
      band?.remove();
      level.svg.prepend((band = lab.band(range)));
      lines.x.setAttribute("d", lab.path(x, range));
      lines.crossed.setAttribute("d", Array.from(counted).map((value, i) => (i && value > counted[i - 1] ? `M${(100 * i) / last} 0V100` : "")).join(""));
      level.label(`Curve ${curve + 1}: its level at each step, the band from 0 to 1 shaded, ${counted[last]} crossings marked.`);
    }
    const told = lab.fresh("trace") ? lab.data.trace.told : null;
    if (changed.has("curve") || changed.has("trace")) {
      const most = Math.max(2, counted[last], ...(told ?? [])) + 0.5, least = Math.min(-0.3, ...(told ?? []));
      const every = most > 10 ? 4 : most > 5 ? 2 : 1;
      count.scale([least, most], Array.from({ length: Math.floor(most / every) + 1 }, (_, i) => [i * every, String(i * every)]));
      lines.count.setAttribute("d", lab.stairs(counted, [least, most]));
      lines.told.setAttribute("d", told ? lab.path(told, [least, most]) : "");
      count.label(`Curve ${curve + 1}: crossings up to each step, and what the network would say there; at the end ${counted[last]} and ${told ? lab.number(told[last]) : "unknown"}.`);
    }
    note.textContent = `Step ${step + 1}: level ${lab.number(x[step])}, ${counted[step]} crossed so far` + (told ? `, the network would say ${lab.number(told[step])}.` : ".");
  }

  lab.cards.curve = { needs: ["curves"], wants: ["trace"], start, show };
})();
