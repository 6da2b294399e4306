// Lines between the places of one lake by two sources: from its point to where the other source has it. On a canvas behind the points,
// that of the lake in focus on one before them: as traces of 10,000 lines with gaps they would cost plotly half a second with every drawing.
const STROKES = 250; // lines a stroke: of one path with thousands of lines the browser works out how they overlap

// Rows whose lake is lit and has a place by both.
function linkedRows({ bits, columns, words, crowd }) {
  const { x, y, other } = words, rows = [];
  if (!other?.columns) return rows;
  if (crowd) return crowd.led ?? rows;
  const all = [columns[x], columns[y], other.columns[x], other.columns[y]];
  for (let row = 0; row < bits.length; row++) if (bits[row] & LIT && !all.some((column) => Number.isNaN(column[row]))) rows.push(row);
  return rows;
}

// Where the other source has a lake, in the coordinates of the axes; beyond them, on the edge, as points are.
function otherPlace({ words: { x, y, clip, other } }, row) {
  return [clamp(other.columns[x][row], clip.x), clamp(other.columns[y][row], clip.y)];
}

// A canvas over the axes; its pen draws in pixels from their corner.
function penOver(plot, name) {
  const made = () => plot.el.appendChild(Object.assign(document.createElement("canvas"), { className: `m-${name}`, ariaHidden: "true" }));
  const canvas = (plot[name] ??= made()), { xaxis, yaxis } = plot.plot._fullLayout, fine = devicePixelRatio || 1;
  Object.assign(canvas, { width: xaxis._length * fine, height: yaxis._length * fine });
  canvas.style.cssText = `left:${xaxis._offset}px;top:${yaxis._offset}px;width:${xaxis._length}px;height:${yaxis._length}px`;
  const pen = canvas.getContext("2d");
  pen.scale(fine, fine);
  return pen;
}

// From and to of a row, in pixels of that canvas.
function linkEnds(plot, row) {
  const { xaxis, yaxis } = plot.plot._fullLayout;
  return [plot.place(row), otherPlace(plot, row)].map(([x, y]) => [xaxis.l2p(x), yaxis.l2p(y)]);
}

// Many lines are fainter: a crowd must not hide its points.
const faintness = (lines) => Math.min(0.6, Math.max(0.1, 7 / Math.sqrt(lines || 1)));

function drawLinks(plot) {
  if (!plot.ready || plot.isMap || (!plot.words?.other && !plot.links)) return;
  const pen = penOver(plot, "links");
  plot.linked = linkedRows(plot);
  plot.el.dataset.links = String(plot.linked.length);
  const ends = plot.linked.map((row) => linkEnds(plot, row));
  Object.assign(pen, { lineWidth: 1, strokeStyle: named("var(--m-quiet)", plot.style), globalAlpha: faintness(ends.length) });
  for (let first = 0; first < ends.length; first += STROKES) {
    pen.beginPath();
    for (const [from, to] of ends.slice(first, first + STROKES)) {
      pen.moveTo(...from);
      pen.lineTo(...to);
    }
    pen.stroke();
  }
  pen.fillStyle = pen.strokeStyle;
  for (const [, [x, y]] of ends) pen.fillRect(x - 1.25, y - 1.25, 2.5, 2.5);
  drawFocusLink(plot);
}

// The line of the lake in focus, with a dotted ring at its end: another focus draws no other line anew.
function drawFocusLink(plot) {
  if (!plot.ready || !plot.links) return;
  const pen = penOver(plot, "link"), row = plot.model.get("focus");
  const found = plot.linked.includes(row) ? linkEnds(plot, row) : null;
  plot.el.dataset.focusLink = found ? String(row) : "";
  if (!found) return;
  const [from, to] = found;
  Object.assign(pen, { lineWidth: 2.5, strokeStyle: named("var(--m-focus)", plot.style) });
  pen.beginPath();
  pen.moveTo(...from);
  pen.lineTo(...to);
  pen.stroke();
  pen.setLineDash([3, 2]);
  pen.beginPath();
  pen.arc(...to, 7, 0, 2 * Math.PI);
  pen.stroke();
}

// The same as traces, for a saved plot.
function linkTraces(plot) {
  const line = (rows, more) => {
    const x = [], y = [];
    for (const row of rows) {
      const ends = [plot.place(row), otherPlace(plot, row)];
      x.push(ends[0][0], ends[1][0], null);
      y.push(ends[0][1], ends[1][1], null);
    }
    return { type: "scatter", mode: "lines", hoverinfo: "skip", x, y, ...more };
  };
  const rows = linkedRows(plot), focus = rows.filter((row) => row === plot.model.get("focus"));
  return [line(rows, { opacity: faintness(rows.length), line: { width: 1, color: named("var(--m-quiet)", plot.style) } }), line(focus, { line: { width: 2.5, color: named("var(--m-focus)", plot.style) } })];
}
