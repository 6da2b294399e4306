// What the area series alone has: the series of brushed lakes, rings round brushed observations, and what a click or a key on a
// point means. A trace's `meta` says which it is: {series, block} the lines of brushed lakes (or, of very many lakes, {series, among: true},
// whose address gives just these and what they are called), with {points: true} their points,
// {scenes: [..]} points of the focus lake with the key of the image behind each, null for none.
const CROWDED = 2000; // points from which on WebGL draws them faster than SVG
async function seriesParts({ series, block, among }, bits) {
  if (among) return [await fetchColumns(series)];
  const blocks = new Set();
  bits.forEach((byte, row) => byte & LIT && blocks.add(Math.floor(row / block)));
  return Promise.all([...blocks].sort((a, b) => a - b).map((at) => fetchColumns(series.replace("BLOCK", at))));
}

// The brushed lakes' series as one line with gaps: fetched by blocks of rows, only those that are needed.
async function seriesLines({ meta, ...trace }, bits) {
  const x = [], y = [];
  for (const { row, year, area, used } of await seriesParts(meta, bits)) {
    let last = null;
    for (let i = 0; i < row.length; i++) {
      if (!(bits[row[i]] & LIT) || !used[i]) continue;
      if (last !== null && row[i] !== last) { x.push(null); y.push(null); }
      x.push(year[i]); y.push(area[i]);
      last = row[i];
    }
    x.push(null); y.push(null);
  }
  return { ...trace, meta, type: kindOf(x), x, y };
}

const kindOf = (x) => (x.length > CROWDED ? "scattergl" : "scatter");

// Every observation of the brushed lakes, but those of the focus lake, which are drawn in front.
async function seriesPoints(trace, bits, columns, focus) {
  const x = [], y = [], rows = [], text = [], symbol = [];
  for (const { row, year, area, used } of await seriesParts(trace.meta, bits)) {
    for (let i = 0; i < row.length; i++) {
      if (!(bits[row[i]] & LIT) || row[i] === focus) continue;
      x.push(year[i]); y.push(area[i]); rows.push(row[i]);
      text.push(lakeName(row[i], columns));
      symbol.push(used[i] ? "circle" : "x-thin-open");
    }
  }
  return { ...trace, type: kindOf(x), x, y, rows, text, marker: { ...trace.marker, symbol } };
}

// Of lakes among very many nothing is held but what their series bring along.
async function knownAmong({ meta: { series } }, plot) {
  const { lake, ...columns } = await fetchColumns(series), byRow = (values) => Object.fromEntries([...lake].map((row, i) => [row, values[i]]));
  plot.bits = byRow([...lake].fill(LIT));
  plot.columns = Object.fromEntries(["lake_key", "lake_id", "name"].map((name) => [name, byRow(columns[name])]));
}

async function observed(trace, plot) {
  if (trace.meta.among) await knownAmong(trace, plot);
  return trace.meta.points ? seriesPoints(trace, plot.bits, plot.columns, trace.meta.focus) : seriesLines(trace, plot.bits);
}

// Brushed observations, as the server found them: pairs of year and km².
function marked(plot) {
  const raw = plot.model.get("marked");
  const pairs = raw?.byteLength ? new Float32Array(raw.buffer.slice(raw.byteOffset, raw.byteOffset + raw.byteLength)) : [];
  return { x: Array.from(pairs).filter((_, i) => i % 2 === 0), y: Array.from(pairs).filter((_, i) => i % 2) };
}

// Rings round them, on a canvas of their own: a new trace would cost plotly a tenth of a second, just while the images arrive.
function drawMarks(plot) {
  if (!plot.ready || !plot.words?.dates) return;
  const canvas = (plot.rings ??= plot.el.appendChild(Object.assign(document.createElement("canvas"), { className: "m-marks", ariaHidden: "true" })));
  const { xaxis, yaxis } = plot.plot._fullLayout, fine = devicePixelRatio || 1;
  Object.assign(canvas, { width: xaxis._length * fine, height: yaxis._length * fine });
  canvas.style.cssText = `left:${xaxis._offset}px;top:${yaxis._offset}px;width:${xaxis._length}px;height:${yaxis._length}px`;
  const pen = canvas.getContext("2d"), { x, y } = marked(plot);
  pen.scale(fine, fine);
  Object.assign(pen, { lineWidth: 2, strokeStyle: named("var(--m-brushed)", plot.style) });
  x.forEach((year, i) => {
    pen.beginPath();
    pen.arc(xaxis.d2p(year), yaxis.d2p(y[i]), 6.5, 0, 2 * Math.PI);
    pen.stroke();
  });
  plot.el.dataset.marked = String(x.length);
}

// The same as a trace, for a saved plot.
function marksTrace(plot) {
  const mark = { symbol: "circle-open", size: 13, color: named("var(--m-brushed)", plot.style), line: { width: 2 } };
  return { type: "scatter", mode: "markers", hoverinfo: "skip", marker: mark, ...marked(plot) };
}

// Points that can be pressed, with where they are drawn.
function* pressable(plot) {
  const { xaxis, yaxis } = plot.plot._fullLayout;
  for (const trace of plot.plot.data) {
    if (!trace.meta?.scenes && !trace.rows) continue;
    for (let i = 0; i < trace.x.length; i++) {
      const at = [xaxis._offset + xaxis.d2p(trace.x[i]), yaxis._offset + yaxis.d2p(trace.y[i])];
      yield { at, x: trace.x[i], text: trace.text[i], scene: trace.meta.scenes?.[i] ?? null, row: trace.rows?.[i] ?? null };
    }
  }
}

function press(plot, point) {
  if (point.row !== null) plot.pick(point.row);
  else if (point.scene !== null) moraine.evidence.go(point.scene);
}

function pressNear(plot, left, top, reach) {
  let best = null, least = reach * reach;
  for (const point of pressable(plot)) {
    // A point of the focus lake comes before one of a faint series just as near.
    const square = (point.at[0] - left) ** 2 + (point.at[1] - top) ** 2 + (point.row === null ? 0 : 1);
    if (square <= least) [best, least] = [point, square];
  }
  if (best) press(plot, best);
}

// Arrow keys walk the dates of the focus lake, Enter shows the image of one.
function walkDates(plot, event) {
  const points = [...pressable(plot)].filter((point) => point.row === null).sort((a, b) => a.x - b.x);
  const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  if (!points.length || !(step || ["Home", "End", "Enter", "Escape"].includes(event.key))) return;
  event.preventDefault();
  if (event.key === "Escape") { plot.tip.hidden = true; plot.date = null; return; }
  if (event.key === "Enter") { if (points[plot.date]) press(plot, points[plot.date]); return; }
  plot.date = event.key === "Home" ? 0 : event.key === "End" ? points.length - 1 : clamp((plot.date ?? (step > 0 ? -1 : points.length)) + step, [0, points.length - 1]);
  const point = points[plot.date];
  const lines = point.text.split("<br>");
  plot.tell(lines, ...point.at);
  plot.spoken.textContent = `${plot.date + 1} of ${points.length}: ${lines.join(", ")}`;
}
