// Hover and spoken text, made here from the columns so that it never travels.
const superscript = (number) => [...String(number)].map((digit) => "⁰¹²³⁴⁵⁶⁷⁸⁹"[digit] ?? "⁻").join("");

function digits(value, unit = "") {
  if (value == null || Number.isNaN(value)) return "–";
  const size = Math.abs(value);
  const text = size !== 0 && (size >= 1e5 || size < 1e-4) ? value.toExponential(2) : Number(value.toPrecision(3)).toString();
  return text.replace("-", "−") + unit;
}

// p from -log10 p: exact where a float would underflow.
function probability(nlog) {
  if (nlog == null || Number.isNaN(nlog)) return "none";
  if (nlog < 3) return Number((10 ** -nlog).toPrecision(2)).toString();
  const exponent = Math.ceil(nlog);
  return `${(10 ** (exponent - nlog)).toFixed(1)}×10${superscript(-exponent)}`;
}

// What the source compared with says of a lake.
function otherLine(row, { unit, other: { name, columns } }) {
  if (Number.isNaN(columns.slope[row])) return `by ${name}: no trend`;
  return `by ${name}: ${digits(columns.slope[row])} ${unit} · p ${probability(columns.p[row])} · q ${probability(columns.q[row])} · n ${columns.n[row]}`;
}

const lakeName = (row, { name, lake_id, lake_key }) => name[row] || lake_id[row] || `lake ${lake_key[row]}`;

function lakeLines(row, columns, words) {
  const name = [columns.lake_id[row], columns.name[row]].filter(Boolean).join(" · ") || `lake ${columns.lake_key[row]}`;
  const lines = [name, `area ${digits(columns.area[row], " km²")}`];
  if (columns.flood?.[row]) lines.push(`burst: ${columns.flood[row]}`);
  if (Number.isNaN(columns.slope[row])) return [...lines, `no trend: ${words.statuses[columns.status[row]]}`, `n ${columns.n[row]}`];
  const span = Number.isNaN(columns.low[row]) ? "" : ` (95 % CI ${digits(columns.low[row])} to ${digits(columns.high[row])})`;
  lines.push(`${digits(columns.slope[row])} ${words.unit}${span}`);
  lines.push(`p ${probability(columns.p[row])} · q ${probability(columns.q[row])} · n ${columns.n[row]}`);
  if (Number.isFinite(columns.detectable?.[row])) lines.push(`≥ ${digits(columns.detectable[row])} ${words.unit} would have shown`);
  if (words.statuses[columns.status[row]] !== "ok") lines.push(words.statuses[columns.status[row]]);
  return words.other ? [...lines, otherLine(row, words)] : lines;
}
