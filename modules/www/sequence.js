// The sequence lab: one thing is looked at (a curve, an epoch, a unit, a step), and every card of `moraine.lab.cards` shows it. What is
// drawn comes over HTTP once a curve, epoch or layer; steps ask for nothing. What a card `needs` it cannot be drawn without; what it `wants`
// it can be, and then says what is lacking.
(() => {
  const SPEED = 25; // steps a second
  const TYPED = 120; // ms that a number rests before it is taken
  const RESTS = 120; // ms that an epoch rests before the states of all curves are asked for, which the server takes longer over
  const lab = (moraine.lab = { cards: {}, root: null });
  const needed = { curves: ["curves"], training: ["training"], units: ["units"] };

  const limits = ({ shape, data }) => ({
    curve: [0, (data.curves?.held_out.length ?? 1) - 1], epoch: [1, shape.epochs], step: [0, shape.steps - 1],
    layer: [1, shape.layers], unit: [1, shape.units], flat: [1, shape.layers],
  });

  function start(root) {
    const shape = JSON.parse(root.dataset.shape), kept = lab.state ?? {};
    const fresh = { curve: 0, epoch: shape.epochs, step: Math.floor(shape.steps / 2), layer: shape.layers, unit: 1, order: "r_count", only: "", split: "", when: "end", flat: shape.layers };
    Object.assign(lab, { root, shape, base: root.dataset.lab, data: {}, faults: {}, asked: {}, keys: {}, owed: {}, began: false });
    lab.state = { ...fresh, ...kept, epoch: shape.epochs, layer: Math.min(kept.layer ?? shape.layers, shape.layers), unit: Math.min(kept.unit ?? 1, shape.units), flat: shape.layers };
    stop();
    for (const [name, card] of Object.entries(lab.cards)) card.start(root.querySelector(`[data-card=${name}] .m-lab-body`), lab);
    begin(root);
  }

  async function begin(root) {
    await Promise.all(Object.entries(needed).map(([slot, parts]) => take(slot, ...parts)));
    if (lab.root !== root) return;
    lab.began = true;
    if (!lab.chosen && lab.data.training && lab.data.curves) lab.state.curve = lab.hardest()[0];
    put(new Set(Object.keys(lab.state)), true);
    choosePart();
  }

  // ---- what comes over HTTP --------------------------------------------------------------------------------------------------
  // Newest asked, newest shown: an answer that was overtaken is dropped.
  async function take(slot, ...parts) {
    const asked = (lab.asked[slot] = {}), root = lab.root;
    const current = () => lab.asked[slot] === asked && lab.root === root;
    try {
      const answer = await fetch(`${lab.base}/${parts.join("/")}`);
      if (!answer.ok) throw new Error(await answer.text());
      const got = parseColumns(await answer.arrayBuffer());
      if (!current()) return false;
      lab.data[slot] = got;
      lab.keys[slot] = parts.join("/");
      lab.faults[slot] = "";
    } catch (error) {
      if (!current()) return false;
      lab.data[slot] = null;
      lab.faults[slot] = error instanceof TypeError ? "The server did not answer. Load the page again." : error.message;
    }
    return true;
  }

  // Whether what is held of a kind is of the curve, epoch and layer that are looked at.
  lab.fresh = (slot) => {
    const { curve, epoch, flat } = lab.state, of = { trace: `trace/${epoch}/${curve}`, weights: `weights/${epoch}`, plane: `plane/${epoch}/${flat}` };
    return Boolean(lab.data[slot]) && (of[slot] ?? lab.keys[slot]) === lab.keys[slot];
  };

  let resting = null;
  const rested = () => new Promise((done) => {
    const mine = (resting = {});
    setTimeout(() => done(resting === mine), lab.data.plane ? RESTS : 0);
  });

  function refresh(changed) {
    const { curve, epoch, flat } = lab.state, wanted = [];
    if (changed.has("curve") || changed.has("epoch")) wanted.push(["trace", take("trace", "trace", epoch, curve)]);
    if (changed.has("epoch")) wanted.push(["weights", take("weights", "weights", epoch)]);
    if (changed.has("flat") || changed.has("epoch")) wanted.push(["plane", rested().then((still) => still && take("plane", "plane", epoch, flat))]);
    for (const [slot, came] of wanted) came.then((taken) => taken && show(new Set([slot])));
  }

  // ---- what is looked at -----------------------------------------------------------------------------------------------------
  lab.set = (fields) => {
    const bounds = limits(lab), changed = new Set();
    for (const [name, value] of Object.entries(fields)) {
      const [low, high] = bounds[name] ?? [];
      const fit = low === undefined ? value : Math.min(Math.max(Math.round(Number(value)), low), high);
      if (Number.isNaN(fit) || fit === lab.state[name]) continue;
      lab.state[name] = fit;
      changed.add(name);
    }
    if (changed.has("curve")) lab.chosen = true;
    if (changed.size && lab.began) put(changed);
  };

  function put(changed, first = false) {
    show(changed);
    if (first || ["curve", "epoch", "flat"].some((name) => changed.has(name))) refresh(changed);
  }

  // Many changes between two frames are one drawing.
  let waiting = null;
  function show(changed) {
    if (waiting) return changed.forEach((name) => waiting.add(name));
    waiting = new Set(changed);
    requestAnimationFrame(() => {
      const now = waiting;
      waiting = null;
      if (!lab.root?.isConnected) return;
      controls();
      for (const [name, card] of Object.entries(lab.cards)) draw(name, card, now);
      lab.root.dataset.shown = `${lab.state.curve} ${lab.state.epoch} ${lab.state.step}`;
    });
  }

  // A card that waits for something keeps what it shows, and is owed what changes meanwhile.
  function draw(name, card, changed) {
    const owed = (lab.owed[name] ??= new Set());
    changed.forEach((each) => owed.add(each));
    const section = lab.root.querySelector(`[data-card=${name}]`), notice = section.querySelector("[data-trouble]");
    const faults = (slots) => slots.map((slot) => lab.faults[slot]).find(Boolean) ?? "";
    const fault = faults(card.needs), said = fault || faults(card.wants ?? []);
    notice.hidden = !said;
    notice.textContent = said;
    section.querySelector(".m-lab-body").hidden = Boolean(fault);
    if (fault || !card.needs.every(lab.fresh)) return;
    card.show(owed);
    owed.clear();
  }

  function controls() {
    const { curve, epoch, step } = lab.state, { shape, root } = lab;
    root.style.setProperty("--m-step", step / (shape.steps - 1));
    root.style.setProperty("--m-epoch", (epoch - 0.5) / shape.epochs);
    const said = { curve: curve + 1, step: step + 1, epoch };
    for (const control of root.querySelectorAll("[data-set]")) {
      const value = String(said[control.dataset.set] ?? lab.state[control.dataset.set]);
      if (control !== document.activeElement || control.type === "range") control.value = value;
      if (control.type === "number") control.max = limits(lab).curve[1] + 1;
    }
    root.querySelector("[data-value=step]").textContent = `${step + 1} of ${shape.steps}`;
    root.querySelector("[data-value=epoch]").textContent = `${epoch} of ${shape.epochs}`;
    const words = lab.data.curves ? lab.curveWords(curve) : "";
    const line = root.querySelector("[data-said]");
    if (line.textContent !== words) line.textContent = words;
  }

  // `Curve 17, held out: crosses 6 times; after epoch 24 the network says 5.8.`
  lab.curveWords = (curve, epoch = lab.state.epoch) => {
    const { curves, training } = lab.data, { steps } = lab.shape, crossed = curves.count[(curve + 1) * steps - 1];
    const told = training ? `; after epoch ${epoch} the network says ${lab.number(training.told[(epoch - 1) * curves.held_out.length + curve])}` : "";
    return `Curve ${curve + 1}, ${curves.held_out[curve] ? "held out" : "learned from"}: crosses ${crossed} ${crossed === 1 ? "time" : "times"}${told}.`;
  };
  lab.number = (value, places = 2) => value.toFixed(places).replace("-", "−");

  // Error of a curve after an epoch (from 1), and the curves whose error late in training (the last quarter) is largest.
  lab.error = (curve, epoch) => {
    const { curves, training } = lab.data, { steps } = lab.shape;
    return Math.abs(training.told[(epoch - 1) * curves.held_out.length + curve] - curves.count[(curve + 1) * steps - 1]);
  };
  lab.hardest = () => {
    const { epochs } = lab.shape, first = Math.max(1, Math.ceil(epochs * 0.75));
    const late = (curve) => { let sum = 0; for (let epoch = first; epoch <= epochs; epoch++) sum += lab.error(curve, epoch); return sum / (epochs - first + 1); };
    const rows = lab.among().map((curve) => [curve, late(curve)]);
    return rows.sort((a, b) => b[1] - a[1]).map(([curve]) => curve);
  };
  lab.among = () => [...lab.data.curves.held_out.keys()].filter((curve) => lab.state.split === "" || String(lab.data.curves.held_out[curve]) === lab.state.split);

  // The unit that opens is the one that follows the count most.
  function choosePart() {
    const { units } = lab.data, { layers, units: wide, epochs } = lab.shape;
    if (!units || lab.picked) return;
    const at = (epochs - 1) * layers * wide;
    let best = 0;
    for (let i = 0; i < layers * wide; i++) if (Math.abs(units.r_count[at + i]) > Math.abs(units.r_count[at + best] || 0)) best = i;
    lab.set({ layer: Math.floor(best / wide) + 1, unit: (best % wide) + 1 });
  }

  // ---- playing ---------------------------------------------------------------------------------------------------------------
  let playing = null;
  const button = () => lab.root?.querySelector("[data-does=play]");
  function stop() {
    playing = null;
    button()?.replaceChildren("▶");
    button()?.setAttribute("aria-label", "Play the steps");
  }
  function play() {
    const mine = (playing = {}), { steps } = lab.shape;
    const from = lab.state.step >= steps - 1 ? 0 : lab.state.step, began = performance.now();
    button().replaceChildren("❚❚");
    button().setAttribute("aria-label", "Pause");
    const tick = () => {
      if (playing !== mine || !lab.root.isConnected) return;
      const step = from + Math.floor(((performance.now() - began) / 1000) * SPEED);
      lab.set({ step });
      if (step >= steps - 1) stop();
      else requestAnimationFrame(tick);
    };
    requestAnimationFrame(tick);
  }

  // ---- hands -----------------------------------------------------------------------------------------------------------------
  const does = {
    curve_back: () => lab.set({ curve: lab.state.curve - 1 }), curve_on: () => lab.set({ curve: lab.state.curve + 1 }),
    step_back: () => { stop(); lab.set({ step: lab.state.step - 1 }); }, step_on: () => { stop(); lab.set({ step: lab.state.step + 1 }); },
    harder: () => lab.data.training && lab.data.curves && lab.set({ curve: lab.hardest()[0] }),
    play: () => (playing ? stop() : play()),
  };
  document.addEventListener("click", (event) => {
    const pressed = event.target.closest?.(".m-lab [data-does], .m-lab [data-curve], .m-lab [data-unit]");
    if (!pressed || !lab.began) return;
    if (pressed.dataset.does) return does[pressed.dataset.does]();
    if (pressed.dataset.curve) return lab.set({ curve: Number(pressed.dataset.curve) });
    lab.picked = true;
    lab.set({ layer: Number(pressed.dataset.layer), unit: Number(pressed.dataset.unit) });
  });
  let typing = null;
  document.addEventListener("input", (event) => {
    const control = event.target.closest?.(".m-lab [data-set]");
    if (!control || !lab.began) return;
    const name = control.dataset.set, from = ["curve", "step"].includes(name) ? 1 : 0;
    clearTimeout(typing);
    if (name === "step") stop();
    if (control.type === "number") typing = setTimeout(() => control.value && lab.set({ curve: Number(control.value) - 1 }), TYPED);
    else lab.set({ [name]: control.type === "range" ? Number(control.value) - from : control.value });
  });

  document.addEventListener("DOMContentLoaded", () => {
    const arrived = new MutationObserver(() => {
      const root = document.querySelector(".m-lab[data-lab]");
      if (root && root !== lab.root) start(root);
    });
    for (const output of document.querySelectorAll(".m-lab-tab > .shiny-html-output")) arrived.observe(output, { childList: true });
  });
})();
