// Figures arrive as plotly JSON whose colours are meanings (`var(--m-growing)`) and whose traces may name columns instead of
// holding arrays. A trace's `meta` says which rows it draws: {x, y, mask, bits: [..], clip: {x: [lo, hi], y: [lo, hi]}, beyond}
// where (byte & mask) is one of `bits`; beyond: true draws only what lies outside the clip, false only what lies inside, null both.
const LIT = 4;

// `var(--m-growing)`, or with an opacity `var(--m-growing)@0.15`, as plotly wants it.
function named(value, style) {
  const [, name, opacity] = /^var\((--[\w-]+)\)(?:@([\d.]+))?$/.exec(value) ?? [];
  if (!name) return value;
  const hex = style.getPropertyValue(name).trim();
  return opacity ? `rgba(${[1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16))},${opacity})` : hex;
}

function resolved(value, style) {
  if (typeof value === "string") return named(value, style);
  if (Array.isArray(value)) return value.map((item) => resolved(item, style));
  if (value && typeof value === "object" && !ArrayBuffer.isView(value)) {
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, resolved(item, style)]));
  }
  return value;
}

function rowsOf(meta, columns, bits) {
  const x = columns[meta.x], y = columns[meta.y], rows = [];
  const wanted = new Uint8Array(256);
  for (const value of meta.bits) for (let byte = 0; byte < 256; byte++) if ((byte & meta.mask) === value) wanted[byte] = 1;
  for (let row = 0; row < bits.length; row++) {
    if (!wanted[bits[row]] || Number.isNaN(x[row]) || Number.isNaN(y[row])) continue;
    if (meta.clip && meta.beyond != null && meta.beyond !== outside(meta.clip, x[row], y[row])) continue;
    rows.push(row);
  }
  return rows;
}

const outside = (clip, x, y) => x < clip.x[0] || x > clip.x[1] || y > clip.y[1];
const clamp = (value, [low, high]) => Math.min(Math.max(value, low), high);
const placed = (column, rows, span) => Float64Array.from(rows, (row) => (span ? clamp(column[row], span) : column[row]));

function filled(trace, columns, bits) {
  const { meta } = trace;
  if (!meta?.mask) return trace;
  const rows = rowsOf(meta, columns, bits);
  const [across, up] = trace.type === "scattermap" ? ["lon", "lat"] : ["x", "y"];
  const out = { ...trace, rows, [across]: placed(columns[meta.x], rows, meta.clip?.x), [up]: placed(columns[meta.y], rows, meta.clip?.y) };
  if (trace.type === "scattermap") Object.assign(out, { lon: Array.from(out.lon), lat: Array.from(out.lat) });
  // The state that comes back draws the brush, not plotly's own dimming.
  const same = { marker: { opacity: trace.marker.opacity } };
  Object.assign(out, { selected: same, unselected: same });
  if (meta.colour) out.marker = { ...trace.marker, color: placed(columns[meta.colour], rows) };
  if (meta.clip && meta.beyond) {
    const symbol = (row) => (columns[meta.y][row] > meta.clip.y[1] ? "triangle-up" : columns[meta.x][row] < 0 ? "triangle-left" : "triangle-right");
    out.marker = { ...out.marker, symbol: rows.map(symbol) };
  }
  return out;
}

