// Plots whose points stand for scenes (`words.points`: what x and y are called): the nearest one is pressed, arrow keys walk them from left
// to right. A trace's `customdata` are keys, its `text` what is said of each beside its two values (without those where points is empty).
// Plots of one group (`words.linked`) ring the scene in focus, by its key, and the one that any of them is asked about.
function* keyed(plot) {
  const { xaxis, yaxis } = plot.plot._fullLayout;
  for (const trace of plot.plot.data) {
    for (let i = 0; i < (trace.customdata?.length ?? 0); i++) {
      yield { at: [xaxis._offset + xaxis.d2p(trace.x[i]), yaxis._offset + yaxis.d2p(trace.y[i])], key: trace.customdata[i], said: [trace.text[i], trace.x[i], trace.y[i]] };
    }
  }
}

function ringKeys(plot) {
  const rings = [];
  for (const { key, said: [, ...at] } of keyed(plot)) {
    if (key === plot.model.get("focus")) rings.push(...ringShape("focus", at, plot.style));
    if (key === plot.asked_of) rings.push(...ringShape("cursor", at, plot.style));
  }
  Plotly.relayout(plot.plot, { shapes: plot.shapes.concat(rings) });
}

function askOf(plot, key) {
  if (plot.words.linked) document.dispatchEvent(new CustomEvent("moraine-point", { detail: { group: plot.words.linked, key } }));
}

function askedOf(plot, { group, key }) {
  if (!plot.ready || plot.words.linked !== group || plot.asked_of === key) return;
  plot.asked_of = key;
  ringKeys(plot);
}

function pressKey(plot, key) {
  if (plot.words.linked) plot.model.set("focus", key); // the ring moves at once; the server confirms
  plot.model.set("picked", [key, ++plot.seq]);
  plot.model.save_changes();
}

function pressNearest(plot, left, top, reach) {
  const pictured = plot.pictureAt?.(left, top); // see www/lens_embedding.js
  if (pictured != null) return pressKey(plot, pictured);
  let best = null, least = reach * reach;
  for (const point of keyed(plot)) {
    const square = (point.at[0] - left) ** 2 + (point.at[1] - top) ** 2;
    if (square <= least) [best, least] = [point, square];
  }
  if (best) pressKey(plot, best.key);
}

function walkPoints(plot, event) {
  const points = [...keyed(plot)].sort((a, b) => a.at[0] - b.at[0] || a.at[1] - b.at[1]);
  const step = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1 }[event.key];
  if (!points.length || !(step || ["Home", "End", "Enter", "Escape"].includes(event.key))) return;
  event.preventDefault();
  if (event.key === "Escape") { plot.tip.hidden = true; plot.walked = null; askOf(plot, null); return; }
  if (event.key === "Enter") { if (points[plot.walked]) pressKey(plot, points[plot.walked].key); return; }
  plot.walked = event.key === "Home" ? 0 : event.key === "End" ? points.length - 1 : clamp((plot.walked ?? (step > 0 ? -1 : points.length)) + step, [0, points.length - 1]);
  const point = points[plot.walked], [said, x, y] = point.said, { points: [first, second], unit } = plot.words;
  const text = said.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&"); // hover labels read tags, this does not
  const lines = first ? [text, `${first} ${digits(x, unit && ` ${unit}`)}`, `${second} ${digits(y, unit && ` ${unit}`)}`] : [text];
  askOf(plot, point.key);
  plot.tell(lines, ...point.at);
  plot.spoken.textContent = `${plot.walked + 1} of ${points.length}: ${lines.join(", ")}`;
}
