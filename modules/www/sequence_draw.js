// Plots of the sequence lab: SVG that stretches with its box, lines of constant width, words as HTML beside it.
(() => {
  const SVG = "http://www.w3.org/2000/svg";
  const { lab } = moraine;

  lab.svg = (name, attributes = {}, ...children) => {
    const made = document.createElementNS(SVG, name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    made.append(...children);
    return made;
  };

  // A path through values at equal distances, in the coordinates of a frame (100 wide, 100 high); NaN breaks it.
  lab.path = (values, [low, high], last = values.length - 1) => {
    let made = "", pen = "M";
    for (let i = 0; i < values.length; i++) {
      if (Number.isNaN(values[i])) { pen = "M"; continue; }
      made += `${pen}${((100 * i) / last).toFixed(2)} ${(100 - (100 * (values[i] - low)) / (high - low)).toFixed(2)}`;
      pen = "L";
    }
    return made;
  };

  // The same for a count: level between steps.
  lab.stairs = (values, [low, high]) => {
    const last = values.length - 1, y = (value) => (100 - (100 * (value - low)) / (high - low)).toFixed(2);
    let made = `M0 ${y(values[0])}`;
    for (let i = 1; i <= last; i++) if (values[i] !== values[i - 1]) made += `H${((100 * i) / last).toFixed(2)}V${y(values[i])}`;
    return `${made}H100`;
  };

  // A frame with ticks: {host, up: [low, high], ticks: [[value, text], ..], across: text, name, label, cursor: step | epoch | null}.
  lab.frame = (host, { up, ticks = [], across = [], name, label, cursor = "step", high = "8rem" }) => {
    const svg = lab.svg("svg", { viewBox: "0 0 100 100", preserveAspectRatio: "none", "aria-hidden": "true" });
    const area = moraine.element("div", { className: "m-lab-area" }, svg);
    const left = moraine.element("div", { className: "m-lab-left" }), below = moraine.element("div", { className: "m-lab-below" });
    const box = moraine.element("div", { className: "m-lab-frame" }, moraine.element("div", { className: "m-lab-name", textContent: name }), left, area, below);
    area.style.height = high;
    box.setAttribute("role", "img");
    box.setAttribute("aria-label", label || name || "Curves, which are still being fetched"); // until there is something to say
    if (cursor) area.append(moraine.element("div", { className: `m-lab-cursor m-lab-at-${cursor}` }));
    const frame = { box, svg, area, up, label: (text) => box.setAttribute("aria-label", text) };
    frame.scale = (range, marks) => {
      frame.up = range;
      left.replaceChildren(...marks.map(([value, text]) => {
        const made = moraine.element("span", { textContent: text });
        made.style.bottom = `${(100 * (value - range[0])) / (range[1] - range[0])}%`;
        return made;
      }));
    };
    frame.scale(up, ticks);
    below.append(...across.map(([share, text]) => {
      const made = moraine.element("span", { textContent: text });
      made.style.left = `${100 * share}%`;
      return made;
    }));
    frame.line = (kind, attributes = {}) => svg.appendChild(lab.svg("path", { class: `m-lab-line m-lab-${kind}`, ...attributes }));
    frame.at = (event) => {
      const place = area.getBoundingClientRect();
      return [(event.clientX - place.left) / place.width, frame.up[1] - ((event.clientY - place.top) / place.height) * (frame.up[1] - frame.up[0])];
    };
    host.append(box);
    return frame;
  };

  // Dragging along a frame moves the step.
  lab.along = (frame) => {
    frame.area.classList.add("m-lab-along");
    let held = false;
    const move = (event) => lab.set({ step: frame.at(event)[0] * (lab.shape.steps - 1) });
    frame.area.addEventListener("pointerdown", (event) => { held = true; frame.area.setPointerCapture(event.pointerId); move(event); });
    frame.area.addEventListener("pointermove", (event) => held && move(event));
    for (const name of ["pointerup", "pointercancel"]) frame.area.addEventListener(name, () => { held = false; });
  };

  lab.stepTicks = () => [0, 49, 99, 149, 199].filter((step) => step < lab.shape.steps).map((step) => [step / (lab.shape.steps - 1), String(step + 1)]);
  lab.part = (trace, name, layer, unit) => {
    const { steps, units } = lab.shape, values = new Float32Array(steps), from = (layer - 1) * steps * units + unit - 1;
    for (let step = 0; step < steps; step++) values[step] = trace[name][from + step * units] / 32767;
    return values;
  };
  // The colour of a share of the largest count, from `few` to `many`; the first quarter is left out, a dot of none must be seen as well.
  lab.lift = (share) => 0.25 + 0.75 * share;
  lab.mixed = (share) => `color-mix(in srgb, var(--m-many) ${Math.round(100 * lab.lift(share))}%, var(--m-few))`;
})();
