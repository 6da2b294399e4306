// Outlines on the map, once it is zoomed in: fetched by tiles, only those in view, and coloured as the points are.
class Outlines {
  constructor() {
    this.tiles = new Map();
    this.near = false;
  }

  // Draw what is in view; `afresh` also where no tile is missing (colours may have changed).
  async draw({ plot, words, bits, style }, map, afresh) {
    const { outlines } = words;
    if (!outlines) return;
    const near = map.getZoom() >= outlines.zoom;
    if (near) {
      const missing = inView(map.getBounds(), outlines).filter((tile) => !this.tiles.has(tile));
      if (!missing.length && !afresh && this.near) return;
      const got = await Promise.all(missing.map((tile) => fetchOnce(outlines.url.replace("TILE", tile), (answer) => answer.json())));
      missing.forEach((tile, i) => this.tiles.set(tile, got[i].features));
    } else if (!this.near) return;
    this.near = near;
    await Plotly.relayout(plot, { "map.layers": near ? outlineLayers(this.tiles, bits, words.classes, style) : [] });
  }
}

function inView(box, { tile, tiles }) {
  const names = [], held = tiles && new Set(tiles); // of very many lakes it is not told where there are some
  for (let i = Math.floor(box.getWest() / tile); i <= box.getEast() / tile; i++)
    for (let j = Math.floor(box.getSouth() / tile); j <= box.getNorth() / tile; j++) if (!held || held.has(`${i}_${j}`)) names.push(`${i}_${j}`);
  return names;
}

function outlineLayers(tiles, bits, classes, style) {
  const groups = classes.map(() => []);
  for (const features of tiles.values()) for (const feature of features) {
    const byte = bits[feature.properties.row];
    groups[byte & LIT ? byte & 3 : classes.length - 1].push(feature);
  }
  return groups.flatMap((features, i) => {
    if (!features.length) return [];
    const part = { sourcetype: "geojson", source: { type: "FeatureCollection", features }, color: resolved(classes[i], style), below: "traces" };
    return [{ ...part, type: "fill", opacity: 0.25 }, { ...part, type: "line", line: { width: 1.5 } }];
  });
}

const nextFrame = () => new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
async function framesLater(count) {
  for (let frame = 0; frame < count; frame++) await nextFrame();
}
