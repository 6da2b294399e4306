// How the network learned: its loss, and the error of each curve that is shown, epoch by epoch; a line that is pressed is a curve chosen.
(() => {
  const { lab } = moraine;
  const HARD = 8, MOST = 6; // curves that stay hard; errors beyond that many are drawn at the edge
  let loss, errors, hard, said, lines;

  const epochOf = (share) => Math.min(lab.shape.epochs, Math.max(1, Math.ceil(share * lab.shape.epochs)));
  const middle = (epoch) => (100 * (epoch - 0.5)) / lab.shape.epochs;
  const y = (value) => 100 - (100 * Math.min(value, errors.up[1])) / errors.up[1];
  const errorPath = (curve) => Array.from({ length: lab.shape.epochs }, (_, i) => `${i ? "L" : "M"}${middle(i + 1).toFixed(2)} ${y(lab.error(curve, i + 1)).toFixed(2)}`).join("");

  function start(body) {
    const last = lab.shape.epochs, across = [1, Math.round(last / 2), last].map((epoch) => [(epoch - 0.5) / last, String(epoch)]);
    loss = lab.frame(body, { up: [0, 1], name: "loss (log scale)", label: "Loss through the epochs", cursor: "epoch", high: "6rem", across });
    lines = { train: loss.line("ink"), held: loss.line("quiet m-lab-dashed") };
    body.append(moraine.element("p", { className: "m-lab-key" }, moraine.element("span", { className: "m-lab-swatch" }), "learned from ", moraine.element("span", { className: "m-lab-swatch m-lab-swatch-dashed" }), "held out"));
    errors = lab.frame(body, { up: [0, MOST], ticks: [0, 1, 2, 4, 6].map((value) => [value, String(value)]), name: "error of each curve, crossings", label: "", cursor: "epoch", high: "12rem", across });
    Object.assign(lines, { all: errors.line("crowd"), half: errors.line("quiet m-lab-dotted"), hard: errors.line("hard"), one: errors.line("focus") });
    said = moraine.element("p", { className: "m-lab-note" });
    hard = moraine.element("div", { className: "m-lab-hard" });
    body.append(said, moraine.element("h3", { textContent: "Curves that stay hard" }), hard);
    errors.area.classList.add("m-lab-press");
    errors.area.addEventListener("pointermove", (event) => { const near = nearest(event); if (near != null) said.textContent = lab.curveWords(near, epochOf(errors.at(event)[0])); });
    errors.area.addEventListener("click", (event) => { const near = nearest(event); if (near != null) lab.set({ curve: near }); });
    errors.box.tabIndex = 0;
    errors.box.addEventListener("keydown", walk);
  }

  // The curve whose line passes closest above or below the pointer.
  function nearest(event) {
    if (!lab.data.training) return null;
    const [share, value] = errors.at(event), at = share * lab.shape.epochs + 0.5, before = Math.min(Math.max(Math.floor(at), 1), lab.shape.epochs), after = Math.min(before + 1, lab.shape.epochs);
    let best = null, least = Infinity;
    for (const curve of lab.among()) {
      const one = Math.min(lab.error(curve, before), MOST), other = Math.min(lab.error(curve, after), MOST);
      const far = Math.abs(one + (other - one) * Math.min(Math.max(at - before, 0), 1) - value);
      if (far < least) [best, least] = [curve, far];
    }
    return best;
  }

  // Arrow keys walk the curves by their error after the epoch that is shown.
  function walk(event) {
    const by = { ArrowUp: 1, ArrowDown: -1 }[event.key];
    if (!by || !lab.data.training) return;
    event.preventDefault();
    const { curve, epoch } = lab.state, order = lab.among().sort((a, b) => lab.error(a, epoch) - lab.error(b, epoch));
    lab.set({ curve: order[Math.min(Math.max(order.indexOf(curve) + by, 0), order.length - 1)] });
  }

  function scaleLoss() {
    const { training } = lab.data, log = (values) => Array.from(values, (value) => Math.log10(Math.max(value, 1e-6)));
    const train = log(training.loss), held = log(training.held_out_loss);
    const range = [Math.floor(Math.min(...train, ...held) * 5) / 5, Math.ceil(Math.max(...train, ...held) * 5) / 5];
    loss.scale(range, [0.003, 0.01, 0.03, 0.1, 0.3, 1, 3].filter((value) => Math.log10(value) >= range[0] && Math.log10(value) <= range[1]).map((value) => [Math.log10(value), String(value)]));
    const path = (values) => values.map((value, i) => `${i ? "L" : "M"}${middle(i + 1).toFixed(2)} ${(100 - (100 * (value - range[0])) / (range[1] - range[0])).toFixed(2)}`).join("");
    lines.train.setAttribute("d", path(train));
    lines.held.setAttribute("d", path(held));
  }

  function show(changed) {
    if (changed.has("split")) {
      const hardest = lab.hardest().slice(0, HARD);
      scaleLoss();
      lines.all.setAttribute("d", lab.among().map(errorPath).join(""));
      lines.hard.setAttribute("d", hardest.map(errorPath).join(""));
      lines.half.setAttribute("d", `M0 ${y(0.5)}H100`);
      hard.replaceChildren(...hardest.map(small));
    }
    if (changed.has("curve") || changed.has("split")) {
      lines.one.setAttribute("d", errorPath(lab.state.curve));
      for (const made of hard.children) made.setAttribute("aria-pressed", String(Number(made.dataset.curve) === lab.state.curve));
    }
    if (!["curve", "split", "epoch"].some((name) => changed.has(name))) return;
    const { epoch } = lab.state, shown = lab.among(), right = shown.filter((curve) => lab.error(curve, epoch) <= 0.5).length;
    const { training } = lab.data;
    errors.label(`Error of ${shown.length} curves through the epochs. Arrow up and down choose the curve with the next larger or smaller error.`);
    said.textContent = `After epoch ${epoch}: ${lab.number(100 * training.exact[epoch - 1], 1)} % of all curves held out exact, ${lab.number(100 * training.within_one[epoch - 1], 1)} % within one; of the ${shown.length} curves drawn ${right} lie below the dotted line, where rounding gives the right count.`;
  }

  function small(curve) {
    const { steps } = lab.shape, { curves } = lab.data;
    const x = curves.x.subarray(curve * steps, (curve + 1) * steps), low = Math.min(...x, -0.2), high = Math.max(...x, 1.2);
    const picture = lab.svg("svg", { viewBox: "0 0 100 100", preserveAspectRatio: "none", "aria-hidden": "true" }, lab.band([low, high]), lab.svg("path", { class: "m-lab-line m-lab-ink", d: lab.path(x, [low, high]) }));
    const words = `${curve + 1}: ${curves.count[(curve + 1) * steps - 1]}, says ${lab.number(lab.data.training.told[(lab.shape.epochs - 1) * curves.held_out.length + curve], 1)}`;
    const made = moraine.element("button", { type: "button", className: "m-lab-small", title: lab.curveWords(curve, lab.shape.epochs) }, picture, moraine.element("span", { textContent: words }));
    made.dataset.curve = curve;
    return made;
  }

  lab.cards.training = { needs: ["curves", "training"], start, show };
})();
