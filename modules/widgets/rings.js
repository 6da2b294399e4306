// The rings round the focus and round the place of the keyboard's walk.
const RING = { focus: "var(--m-focus)", cursor: "var(--m-quiet)" };

// As a shape of fixed size in pixels: plotly moves it in a few milliseconds, however many points there are.
function ringShape(kind, at, style, halo = false) {
  if (!at || Number.isNaN(at[0]) || Number.isNaN(at[1])) return [];
  const size = kind === "focus" ? 9 : 12;
  const line = { color: resolved(RING[kind], style), width: kind === "focus" ? 2.5 : 1.5, dash: kind === "focus" ? "solid" : "dot" };
  const ring = { type: "circle", xsizemode: "pixel", ysizemode: "pixel", xanchor: at[0], yanchor: at[1], x0: -size, x1: size, y0: -size, y1: size, line, layer: "above" };
  return halo ? [{ ...ring, line: { color: resolved("var(--m-panel)@0.8", style), width: line.width + 4 } }, ring] : [ring];
}

// From where to where the lake in focus could not have shown a change: a bracket at its height.
function reachShapes({ words, columns, style }, row, at) {
  const reach = words.reach && row >= 0 ? columns.detectable?.[row] : NaN;
  if (!(reach > 0 && Number.isFinite(reach)) || !at || Number.isNaN(at[1])) return [];
  const ends = [words.unit === "%/yr" ? -reach / (1 + reach / 100) : -reach, reach];
  const line = { color: resolved(RING.focus, style), width: 1.5 }, shape = { type: "line", line, layer: "above" };
  const caps = ends.map((end) => ({ ...shape, x0: end, x1: end, ysizemode: "pixel", yanchor: at[1], y0: -6, y1: 6 }));
  return [...caps, { ...shape, line: { ...line, width: 1, dash: "dot" }, x0: ends[0], x1: ends[1], y0: at[1], y1: at[1] }];
}

// A restyle of a map takes plotly 400 ms at 10,000 lakes, so there the rings are elements above it that move along.
function placeMarks(plot, rows) {
  for (const kind of ["focus", "cursor"]) {
    const row = rows[kind];
    const mark = (plot.marks[kind] ??= plot.el.appendChild(Object.assign(document.createElement("div"), { className: `m-ring m-ring-${kind}` })));
    const [x, y] = row >= 0 && row != null && !plot.place(row).some(Number.isNaN) ? plot.pixel(row) : [-99, -99];
    mark.style.transform = `translate(${x}px, ${y}px)`;
  }
}

// As traces, for a saved map.
function ringTraces(columns, row, style) {
  const at = { type: "scattermap", mode: "markers", lon: [columns.lon[row]], lat: [columns.lat[row]] };
  return [{ ...at, marker: { size: 19, opacity: 0.5, color: resolved(RING.focus, style) } }];
}
