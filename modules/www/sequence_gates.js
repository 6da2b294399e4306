// One unit, step by step: the equations with their numbers, and z, r, the candidate and the state along the curve.
(() => {
  const { lab } = moraine;
  let gates, states, lines, slots, title;

  const term = (symbol, slot) => moraine.element("span", { className: "m-lab-term" }, symbols(symbol), moraine.element("span", { className: "m-lab-figure", ariaHidden: "false" }, slot));
  const plain = (text) => moraine.element("span", { className: "m-lab-sign", textContent: text });

  // `U_z h′` with what stands for a part in its colour: z, r, h̃ and h; ′ means one step before.
  function symbols(text) {
    const made = moraine.element("span", { className: "m-lab-symbol" });
    for (const piece of text.match(/h̃|h′|[a-zA-Z]_[zr]|./gu)) {
      const kind = { z: "update", r: "reset", "h̃": "candidate", h: "state", "h′": "state" }[piece];
      const [letter, below] = piece === "h′" ? ["h", "t−1"] : piece.split("_");
      const part = moraine.element("span", { textContent: letter, className: kind ? `m-lab-in-${kind}` : "" });
      if (below) part.append(moraine.element("sub", { textContent: below, className: below === "z" ? "m-lab-in-update" : below === "r" ? "m-lab-in-reset" : "" }));
      made.append(part);
    }
    return made;
  }

  const slot = (name) => (slots[name] ??= moraine.element("span", {}));
  const result = (symbol, kind, name) => moraine.element("span", { className: `m-lab-term m-lab-in-${kind}` }, symbols(symbol), moraine.element("span", { className: "m-lab-figure" }, slot(name)));
  const row = (...parts) => moraine.element("div", { className: "m-lab-equation" }, ...parts);

  function start(body) {
    slots = {};
    title = moraine.element("p", { className: "m-lab-note" });
    const gate = (name, kind) => row(result(name, kind, name), plain("= σ("), term(`W_${name}x`, slot(`${name}x`)), plain("+"), term(`U_${name}h′`, slot(`${name}h`)), plain("+"), term(`b_${name}`, slot(`${name}b`)), plain(")"));
    const equations = moraine.element("div", { className: "m-lab-equations" },
      gate("z", "update"), gate("r", "reset"),
      row(result("h̃", "candidate", "c"), plain("= tanh("), term("Wx", slot("cx")), plain("+"), term("U(r∘h′)", slot("ch")), plain("+"), term("b", slot("cb")), plain(")")),
      row(result("h", "state", "h"), plain("="), term("(1−z)∘h′", slot("keep")), plain("+"), term("z∘h̃", slot("write"))));
    body.append(title, equations);
    gates = lab.frame(body, { up: [-0.04, 1.04], ticks: [[0, "0"], [0.5, ".5"], [1, "1"]], name: "", label: "", high: "6rem" });
    states = lab.frame(body, { up: [-1.05, 1.05], ticks: [[-1, "−1"], [0, "0"], [1, "1"]], name: "", label: "", high: "8rem", across: lab.stepTicks() });
    lines = { z: gates.line("update"), r: gates.line("reset"), zero: states.line("quiet m-lab-dotted", { d: "M0 50H100" }), candidate: states.line("candidate"), h: states.line("state") };
    key(gates, [["update", "z: how much is written anew"], ["reset", "r: how much of the old state the candidate sees"]]);
    key(states, [["candidate", "h̃: the candidate"], ["state", "h: the state"]]);
    [gates, states].forEach(lab.along);
  }

  const key = (frame, parts) => frame.box.querySelector(".m-lab-name").replaceChildren(...parts.map(([kind, words]) => moraine.element("span", { className: `m-lab-in-${kind}`, textContent: words })));

  // Σ of a row of weights times a vector.
  function row_times(name, unit, vector) {
    const weights = lab.data.weights[name], wide = vector.length;
    let sum = 0;
    for (let i = 0; i < wide; i++) sum += weights[(unit - 1) * wide + i] * vector[i];
    return sum;
  }

  const all = (name, layer, step) => {
    const { steps, units } = lab.shape, from = (layer - 1) * steps * units + step * units;
    return step < 0 ? new Float32Array(units) : Float32Array.from(lab.data.trace[name].subarray(from, from + units), (value) => value / 32767);
  };

  function show(changed) {
    const { layer, unit, step, curve } = lab.state, { trace, weights } = lab.data;
    if (["layer", "unit", "trace"].some((name) => changed.has(name))) {
      for (const name of ["z", "r", "candidate", "h"]) lines[name].setAttribute("d", lab.path(lab.part(trace, name, layer, unit), name === "z" || name === "r" ? gates.up : states.up));
      gates.label(`Gates z and r of unit ${unit} of layer ${layer} along curve ${curve + 1}`);
      states.label(`Candidate and state of unit ${unit} of layer ${layer} along curve ${curve + 1}`);
    }
    const x = layer === 1 ? Float32Array.of(lab.curve(curve)[step]) : all("h", layer - 1, step), before = all("h", layer, step - 1), r = all("r", layer, step);
    const of = (name) => all(name, layer, step)[unit - 1], put = (name, value) => { slots[name].textContent = typeof value === "string" ? value : lab.number(value, 3); };
    const at = `${layer}.`, old = before[unit - 1], [z, c, h] = ["z", "candidate", "h"].map(of);
    for (const gate of ["z", "r"]) {
      put(`${gate}x`, row_times(`${at}W_${gate}`, unit, x));
      put(`${gate}h`, row_times(`${at}U_${gate}`, unit, before));
      put(`${gate}b`, weights[`${at}b_${gate}`][unit - 1]);
    }
    put("z", z);
    put("r", r[unit - 1]);
    put("cx", row_times(`${at}W`, unit, x));
    put("ch", row_times(`${at}U`, unit, before.map((value, i) => value * r[i])));
    put("cb", weights[`${at}b`][unit - 1]);
    put("c", c);
    put("h", h);
    put("keep", `${lab.number(1 - z, 3)} × ${lab.number(old, 3)}`);
    put("write", `${lab.number(z, 3)} × ${lab.number(c, 3)}`);
    title.textContent = `Unit ${unit} of layer ${layer}, step ${step + 1}. x is ${layer === 1 ? `the level of the curve, ${lab.number(x[0])}` : `the state of layer ${layer - 1}, ${lab.shape.units} numbers`}.`;
  }

  lab.cards.gates = { needs: ["curves", "trace", "weights"], start, show };
})();
