// Plots whose lines stand for scenes (`words.lines`): the nearest line is pressed, arrow keys walk them up and down by their height at the
// epoch in force (left and right move the epoch), and the scene in focus and those selected are drawn again on a canvas in front, so that
// neither draws the plot anew. A trace holds many lines with gaps between; its `customdata` are keys, its `text` what is said of each.
function sceneLines(plot) {
  const lines = [];
  for (const { customdata, text, x, y } of plot.plot.data) {
    for (let i = 0; i < (customdata?.length ?? 0); i++) {
      if (customdata[i] == null) continue;
      const line = { key: customdata[i], text: text[i], x: [], y: [] };
      for (; i < customdata.length && customdata[i] === line.key; i++) {
        line.x.push(x[i]);
        line.y.push(y[i]);
      }
      lines.push(line);
    }
  }
  return lines;
}

// Its vertices in pixels from the corner of the axes; null where there is a gap.
function linePixels({ plot }, { x, y }) {
  const { xaxis, yaxis } = plot._fullLayout;
  return x.map((each, i) => (Number.isFinite(y[i]) ? [xaxis.d2p(each), yaxis.d2p(y[i])] : null));
}

function squareTo([left, top], [x0, y0], [x1, y1]) {
  const long = (x1 - x0) ** 2 + (y1 - y0) ** 2;
  const share = long ? clamp(((left - x0) * (x1 - x0) + (top - y0) * (y1 - y0)) / long, [0, 1]) : 0;
  return (x0 + share * (x1 - x0) - left) ** 2 + (y0 + share * (y1 - y0) - top) ** 2;
}

function pressLine(plot, left, top, reach) {
  const { xaxis, yaxis } = plot.plot._fullLayout, at = [left - xaxis._offset, top - yaxis._offset];
  let best = null, least = reach * reach;
  for (const line of plot.lined ?? []) {
    const pixels = linePixels(plot, line);
    for (let i = 0; i < pixels.length; i++) {
      const from = pixels[i], to = pixels[i + 1] ?? from; // also a line of one point
      const square = from && to ? squareTo(at, from, to) : Infinity;
      if (square < least) [best, least] = [line, square];
    }
  }
  if (best) pressKey(plot, best.key);
}

// Height of a line at the epoch in force, NaN where it has none.
const heightNow = ({ x, y }) => y[x.indexOf(moraine.lens?.epoch)] ?? NaN;

function walkLines(plot, event) {
  const turn = { ArrowLeft: -1, ArrowRight: 1 }[event.key], step = { ArrowUp: 1, ArrowDown: -1 }[event.key];
  if (!(turn || step || ["Home", "End", "Enter", "Escape"].includes(event.key))) return;
  event.preventDefault();
  if (turn) return moraine.lens?.step(turn);
  if (event.key === "Enter") return plot.lineKey != null && pressKey(plot, plot.lineKey);
  if (event.key === "Escape") plot.lineKey = null;
  else {
    const order = (plot.lined ?? []).filter((line) => Number.isFinite(heightNow(line))).sort((a, b) => heightNow(a) - heightNow(b));
    const at = order.findIndex(({ key }) => key === (plot.lineKey ?? moraine.lens?.scene));
    const next = order[event.key === "Home" ? 0 : event.key === "End" ? order.length - 1 : clamp(at + step, [0, order.length - 1])];
    plot.lineKey = next?.key ?? null;
    if (next) plot.spoken.textContent = `${next.text}: ${plot.words.lines} ${digits(heightNow(next))} at epoch ${moraine.lens.epoch}`;
  }
  drawLines(plot);
}

function drawLines(plot) {
  if (!plot.ready || !(plot.words.lines || plot.lines)) return;
  const pen = penOver(plot, "lines"), lens = moraine.lens, selected = new Set(lens?.selected);
  plot.lined = plot.words.lines ? sceneLines(plot) : [];
  for (const line of plot.lined) if (selected.has(line.key)) strokeLine(plot, pen, line, "brushed", 1.5);
  for (const line of plot.lined) if (line.key === lens?.scene) strokeLine(plot, pen, line, "focus", 2.5);
  for (const line of plot.lined) if (line.key === plot.lineKey) strokeLine(plot, pen, line, "quiet", 2, [4, 3]);
  plot.el.dataset.lines = String(plot.lined.length);
}

function strokeLine(plot, pen, line, meaning, width, dash = []) {
  pen.beginPath();
  let down = false;
  for (const pixel of linePixels(plot, line)) {
    if (pixel) pen[down ? "lineTo" : "moveTo"](...pixel);
    down = Boolean(pixel);
  }
  const halo = { lineWidth: width + 2.5, strokeStyle: named("var(--m-panel)", plot.style) }; // apart from the lines that it crosses
  for (const look of [halo, { lineWidth: width, strokeStyle: named(`var(--m-${meaning})`, plot.style) }]) {
    Object.assign(pen, { lineJoin: "round", ...look });
    pen.setLineDash(look === halo ? [] : dash);
    pen.stroke();
  }
}
