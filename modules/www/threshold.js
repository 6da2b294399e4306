// The threshold slider: above which probability water counts for the lake in focus. What it says is drawn at once; the server is told
// while it moves, one step after the other, so that mask, series and figures keep up with a hand.
(() => {
  const WAIT = 400; // ms after which a step is sent even if the server has not answered the one before
  const SVG = "http://www.w3.org/2000/svg";
  let root, slider, told = { values: [], slopes: [], scenes: {}, why: "" }, seq = 0;
  let holding = false, sent = null, queued = null, timer = null;

  const part = (name) => root.querySelector(`.m-threshold-${name}`);
  const button = (name) => root.querySelector(`[id$="-${name}"]`);
  const value = () => told.values[Number(slider.value)];
  const finite = (list) => list.filter((each) => each !== null);

  // One step is on its way at a time; of those that come meanwhile the newest goes next.
  function tell(moving) {
    queued = { value: value(), moving, seq: ++seq };
    if (sent === null) next();
  }

  function next() {
    clearTimeout(timer);
    if (sent && !sent.moving && queued === null) holding = false; // the hand has let go, and the slider is the server's again
    sent = queued;
    queued = null;
    if (sent === null) return;
    Shiny.setInputValue(root.dataset.input, sent, { priority: "event" });
    timer = setTimeout(next, WAIT);
  }

  function element(name, attributes) {
    const made = document.createElementNS(SVG, name);
    for (const [key, each] of Object.entries(attributes)) made.setAttribute(key, each);
    return made;
  }

  // Values as places in a strip of height 1, high values on top.
  function scaled(values) {
    const low = Math.min(...values), high = Math.max(...values), span = high - low || 1;
    return (each) => 0.92 - (0.84 * (each - low)) / span;
  }

  // Without the tenth that lies farthest out on each side: one wide interval would flatten all others; it leaves the strip instead.
  function most(list) {
    const sorted = finite(list).sort((a, b) => a - b), cut = Math.floor(sorted.length / 10);
    return sorted.slice(cut, sorted.length - cut);
  }

  function picture(last, ...parts) {
    const made = element("svg", { viewBox: `0 0 ${last || 1} 1`, preserveAspectRatio: "none" });
    made.append(...parts);
    return made;
  }

  const points = (list, y) => list.map((each, at) => (each === null ? null : `${at},${y(each).toFixed(3)}`)).filter(Boolean).join(" ");

  function areaStrip(areas) {
    return picture(areas.length - 1, element("polyline", { class: "m-threshold-area", points: points(areas, scaled(finite(areas))) }));
  }

  function trendStrip(slopes) {
    const [middle, low, high] = [0, 1, 2].map((place) => slopes.map((each) => each[place]));
    const y = scaled([0, ...finite(middle), ...most(low), ...most(high)]);
    const band = [...slopes.keys()].filter((at) => low[at] !== null);
    const edge = [...band.map((at) => `${at},${y(high[at])}`), ...band.reverse().map((at) => `${at},${y(low[at])}`)].join(" ");
    const zero = element("line", { class: "m-threshold-zero", x1: 0, x2: slopes.length - 1, y1: y(0), y2: y(0) });
    return picture(slopes.length - 1, element("polygon", { class: "m-threshold-band", points: edge }), zero, element("polyline", { class: "m-threshold-slope", points: points(middle, y) }));
  }

  function row(name, strip, words) {
    const made = document.createElement("div");
    made.className = "m-threshold-row";
    const label = Object.assign(document.createElement("span"), { textContent: name });
    const span = Object.assign(document.createElement("span"), { textContent: words, className: "m-threshold-range" });
    made.append(label, strip, span);
    return made;
  }

  const scene = () => told.scenes[moraine.evidence.at];

  // The strips: km² of the scene in focus, and the lake's trend, against the threshold.
  function strips() {
    const here = scene(), last = told.values.length - 1;
    const rows = [];
    if (here) rows.push(row("area", areaStrip(here.areas), here.words));
    if (finite(told.slopes.flat()).length) rows.push(row("trend", trendStrip(told.slopes), told.trend.split(",")[0]));
    const mark = Object.assign(document.createElement("i"), { className: "m-threshold-mark", title: `all lakes: > ${told.all}` });
    mark.style.setProperty("--at", String(told.values.indexOf(told.all) / (last || 1)));
    part("strip").replaceChildren(...rows, mark);
    part("strip").title = [here && `Area on this date: ${here.words}`, told.trend && `Trend: ${told.trend}`].filter(Boolean).join("; ");
  }

  // What is chosen, in words and on the buttons.
  function say() {
    const at = value(), place = Number(slider.value), here = scene();
    part("source").textContent = `${told.source} `;
    part("said").textContent = `probability > ${at}`;
    const area = here?.areas[place], slope = told.slopes[place]?.[0];
    const figures = [area != null && `${Number(area.toPrecision(3))} km²`, slope != null && `${slope > 0 ? "+" : ""}${Number(slope.toPrecision(2))} ${told.unit}`];
    slider.setAttribute("aria-valuetext", [`probability > ${at}`, ...figures.filter(Boolean), at === told.all ? "as all lakes" : `all lakes at > ${told.all}`].join(", "));
    const tried = at !== told.all, take = button("take"), back = button("back");
    take.hidden = !tried;
    take.textContent = `All lakes at > ${at}`;
    back.hidden = !tried && told.all === told.own;
    back.title = tried ? `Back to > ${told.all}, as all lakes` : `All lakes back to > ${told.own}, the dataset's own`;
    back.setAttribute("aria-label", back.title);
    part("all").hidden = tried;
  }

  function draw() {
    const quiet = told.why || (told.lake ? "" : "none");
    root.dataset.state = quiet === "none" ? "none" : quiet ? "quiet" : "shown";
    part("why").textContent = told.why || (told.trend ? `Trend: ${told.trend}` : "");
    for (const other of root.querySelectorAll("[data-other]")) other.hidden = !told.why || told.values.length > 0;
    if (quiet) return;
    slider.max = String(told.values.length - 1);
    if (!holding) slider.value = String(Math.max(told.values.indexOf(told.at), 0));
    strips();
    say();
  }

  function listen() {
    slider.addEventListener("input", () => { holding = true; say(); tell(true); });
    slider.addEventListener("change", () => { say(); tell(false); });
    slider.addEventListener("blur", () => { if (holding && sent === null) tell(false); }); // a touch that was cancelled ends without a change
    for (const other of root.querySelectorAll("[data-other]")) other.onclick = () => Shiny.setInputValue(root.dataset.source, other.dataset.other, { priority: "event" });
    for (const name of ["moraine-evidence", "moraine-at"]) document.addEventListener(name, () => { if (root.dataset.state === "shown") { strips(); say(); } });
  }

  document.addEventListener("DOMContentLoaded", () => {
    root = document.querySelector(".m-threshold");
    if (!root) return;
    slider = root.querySelector("input");
    listen();
    Shiny.addCustomMessageHandler("moraine-threshold", (said) => {
      told = said;
      if (sent !== null && (said.at === sent.value || !said.values.length)) next();
      draw();
    });
  });
})();
