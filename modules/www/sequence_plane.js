// States of a layer in two dimensions, a dot a curve, coloured by how often it has crossed; the path of the chosen curve through time.
(() => {
  const { lab } = moraine;
  const SIZE = 3.2, REACH = 18; // px
  let canvas, note, key, spots = [];

  function start(body) {
    canvas = moraine.element("canvas", { className: "m-lab-canvas", tabIndex: 0 });
    canvas.setAttribute("role", "img");
    canvas.setAttribute("aria-label", "States of all curves, which are still being fetched");
    note = moraine.element("p", { className: "m-lab-note" });
    key = moraine.element("p", { className: "m-lab-key" });
    body.append(canvas, key, note);
    canvas.addEventListener("click", (event) => { const near = nearest(event); if (near != null) lab.set({ curve: near }); });
    canvas.addEventListener("pointermove", (event) => { const near = nearest(event); canvas.title = near == null ? "" : lab.curveWords(near); });
    canvas.addEventListener("keydown", walk);
    new ResizeObserver(() => lab.data.plane && lab.data.curves && paint()).observe(canvas);
    new MutationObserver(() => { tints = null; if (lab.data.plane && lab.data.curves && canvas.isConnected) paint(); }).observe(document.documentElement, { attributes: true, attributeFilter: ["data-bs-theme"] });
  }

  function nearest(event) {
    const place = canvas.getBoundingClientRect(), x = event.clientX - place.left, y = event.clientY - place.top;
    let best = null, least = REACH * REACH;
    spots.forEach(([left, top], curve) => { const far = (left - x) ** 2 + (top - y) ** 2; if (far < least) [best, least] = [curve, far]; });
    return best;
  }

  function walk(event) {
    const by = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1 }[event.key];
    if (!by || !spots.length) return;
    event.preventDefault();
    const order = [...spots.keys()].sort((a, b) => spots[a][0] - spots[b][0] || a - b);
    lab.set({ curve: order[Math.min(Math.max(order.indexOf(lab.state.curve) + by, 0), order.length - 1)] });
  }

  let tints = null; // until the theme changes
  const colours = () => (tints ??= readColours());
  const readColours = () => {
    const style = getComputedStyle(document.documentElement), rgb = (name) => [1, 3, 5].map((at) => parseInt(style.getPropertyValue(`--m-${name}`).trim().slice(at, at + 2), 16));
    const few = rgb("few"), many = rgb("many");
    return { mixed: (share) => `rgb(${few.map((value, i) => Math.round(value + lab.lift(share) * (many[i] - value)))})`, focus: style.getPropertyValue("--m-focus").trim(), line: style.getPropertyValue("--m-quiet").trim() };
  };

  function paint() {
    const { steps } = lab.shape, { curve, step, when } = lab.state, { places } = lab.data.plane, { count } = lab.data.curves, fine = devicePixelRatio || 1;
    const wide = canvas.clientWidth, high = canvas.clientHeight, at = when === "end" ? steps - 1 : step;
    if (!wide) return;
    Object.assign(canvas, { width: wide * fine, height: high * fine });
    const pen = canvas.getContext("2d"), most = largest(), room = 12, span = bounds(places), { mixed, focus, line } = colours();
    const scale = Math.min((wide - 2 * room) / (span[1] - span[0]), (high - 2 * room) / (span[3] - span[2]));
    const spot = (one, when) => { const from = 2 * (one * steps + when); return [wide / 2 + (places[from] - (span[0] + span[1]) / 2) * scale, high / 2 - (places[from + 1] - (span[2] + span[3]) / 2) * scale]; };
    pen.scale(fine, fine);
    spots = Array.from({ length: count.length / steps }, (_, one) => spot(one, at));
    spots.forEach(([x, y], one) => {
      pen.fillStyle = mixed(count[one * steps + at] / most);
      pen.beginPath();
      pen.arc(x, y, SIZE, 0, 2 * Math.PI);
      pen.fill();
    });
    Object.assign(pen, { strokeStyle: line, lineWidth: 1.2, globalAlpha: 0.8 });
    pen.beginPath();
    for (let i = 0; i <= at; i++) pen[i ? "lineTo" : "moveTo"](...spot(curve, i));
    pen.stroke();
    Object.assign(pen, { strokeStyle: focus, lineWidth: 2.2, globalAlpha: 1 });
    pen.beginPath();
    pen.arc(...spot(curve, Math.min(step, at)), SIZE + 1, 0, 2 * Math.PI);
    pen.stroke();
    pen.beginPath();
    pen.arc(...spots[curve], SIZE + 4, 0, 2 * Math.PI);
    pen.stroke();
    legend(most);
  }

  // [left, right, low, high] of all places: the same at every step, so that nothing jumps.
  let held = null, of = null;
  function bounds(places) {
    if (of === places) return held;
    const made = [Infinity, -Infinity, Infinity, -Infinity];
    for (let i = 0; i < places.length; i += 2) {
      made[0] = Math.min(made[0], places[i]); made[1] = Math.max(made[1], places[i]);
      made[2] = Math.min(made[2], places[i + 1]); made[3] = Math.max(made[3], places[i + 1]);
    }
    [held, of] = [made, places];
    return made;
  }

  const largest = () => {
    const { count } = lab.data.curves, { steps } = lab.shape;
    let most = 1;
    for (let at = steps - 1; at < count.length; at += steps) most = Math.max(most, count[at]);
    return most;
  };

  function legend(most) {
    if (key.dataset.most === String(most)) return;
    key.dataset.most = String(most);
    const values = [...new Set([0, Math.round(most / 3), Math.round((2 * most) / 3), most])];
    key.replaceChildren("crossings so far: ", ...values.flatMap((value) => {
      const dot = moraine.element("span", { className: "m-lab-dot" });
      dot.style.background = lab.mixed(value / most);
      return [dot, ` ${value} `];
    }), "· ring: the curve chosen, with its path through time");
  }

  function show(changed) {
    if (!["curve", "plane", "step", "when"].some((name) => changed.has(name))) return;
    paint();
    const { when, step } = lab.state, share = lab.data.plane.explained;
    note.textContent = `Principal components of the states of all ${spots.length} curves at all steps (${lab.number(100 * share[0], 0)} % and ${lab.number(100 * share[1], 0)} % of their variance), shown ${when === "end" ? "at the end of the curves" : `at step ${step + 1}`}.`;
    canvas.setAttribute("aria-label", `${note.textContent} Arrow keys choose the next curve from left to right.`);
  }

  lab.cards.plane = { needs: ["curves", "plane"], start, show };
})();
