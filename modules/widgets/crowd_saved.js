// A crowd in a saved plot: its cells as an image on the axes or the map, its points as traces.
function savedCrowd({ crowd, isMap, plot }) {
  if (!crowd?.view) return { data: [], layout: {} };
  const { view, picture } = crowd, { x, y, wide, high, columns, rows } = view;
  const right = x + columns * wide, top = y + rows * high, source = picture.bitmap.toDataURL();
  if (!isMap) {
    const image = { source, xref: "x", yref: "y", x, y: top, sizex: right - x, sizey: top - y, sizing: "stretch", layer: "below" };
    return { data: savedPoints(view, picture, "scatter"), layout: { images: [image] } };
  }
  const corners = [[x, y], [right, y], [right, top], [x, top]].map(([across, down]) => degrees(across, down));
  const layers = [{ sourcetype: "image", type: "raster", source, coordinates: corners, below: "traces" }];
  return { data: savedPoints(view, picture, "scattermap"), layout: { map: { ...plot.layout.map, layers: [...layers, ...(plot.layout.map.layers ?? [])] } } };
}

// A trace for each look that points have.
function savedPoints({ x, y, wide, high, u, v, code, number }, picture, type) {
  const looks = new Map(), of = number && picture.numberColour(picture.scaleOfNumbers().cmax);
  const [across, up] = type === "scatter" ? ["x", "y"] : ["lon", "lat"];
  for (let i = 0; i < u.length; i++) {
    const name = LAYERS[1 + (code[i] & 3)], edge = code[i] >> 2, key = `${code[i]} ${number?.[i]}`;
    if (!looks.has(key)) {
      const symbol = type === "scatter" ? { symbol: ["circle", "triangle-up", "triangle-left", "triangle-right"][edge] } : {};
      const marker = { size: edge ? 7 : SIZE[name], color: cssOf(of ? of(number[i]) : picture.pointColour(name)), line: { width: 0 }, ...symbol };
      looks.set(key, { type, mode: "markers", hoverinfo: "skip", showlegend: false, marker, [across]: [], [up]: [] });
    }
    const at = [x + u[i] * wide, y + v[i] * high], place = type === "scatter" ? at : degrees(...at), look = looks.get(key);
    look[across].push(place[0]);
    look[up].push(place[1]);
  }
  return [...looks.values()];
}

// Inverts mercator (crowd.js).
const degrees = (x, y) => [x * 360 - 180, (Math.asin(Math.tanh((0.5 - y) * 2 * Math.PI)) * 180) / Math.PI];
