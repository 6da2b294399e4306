// One plotly plot. The server sends columns by URL, a figure that names them, a byte of state for each row, and the focus;
// the browser sends back what was clicked and brushed. Moving a highlight never rebuilds a figure.
const COARSE = () => matchMedia("(pointer: coarse)").matches;
const RING = { focus: "var(--m-focus)", cursor: "var(--m-quiet)" };

class Plot {
  constructor(model, el) {
    this.model = model;
    this.cursor = null;
    this.seq = 0;
    this.outlines = new Map();
    this.marks = {};
    this.el = el;
    el.classList.add("m-plot-host");
    this.plot = el.appendChild(document.createElement("div"));
    this.plot.className = "m-plot";
    this.plot.tabIndex = 0;
    this.plot.setAttribute("role", "application");
    this.tip = el.appendChild(document.createElement("div"));
    this.tip.className = "m-tip";
    this.tip.hidden = true;
    this.spoken = el.appendChild(document.createElement("div"));
    this.spoken.className = "visually-hidden";
    this.spoken.setAttribute("aria-live", "polite");
    this.listen();
    this.draw();
  }

  listen() {
    this.changed = () => this.draw();
    this.moved = () => this.highlight();
    for (const name of ["figure", "columns", "bits"]) this.model.on(`change:${name}`, this.changed);
    this.model.on("change:focus", this.moved);
    this.theme = new MutationObserver(this.changed);
    this.theme.observe(document.documentElement, { attributes: true, attributeFilter: ["data-bs-theme"] });
    this.size = new ResizeObserver(() => this.ready && this.plot.clientWidth && Plotly.Plots.resize(this.plot));
    this.size.observe(this.el);
    this.plot.addEventListener("keydown", (event) => this.key(event));
    this.plot.addEventListener("pointerdown", (event) => (this.down = { event, far: 0 }), true);
    this.dragged = ({ clientX, clientY }) => {
      if (this.down) this.down.far = Math.max(this.down.far, Math.hypot(clientX - this.down.event.clientX, clientY - this.down.event.clientY));
    };
    addEventListener("pointermove", this.dragged, true);
    this.released = (event) => this.up(event); // plotly lays a cover over the window while the button is down
    addEventListener("pointerup", this.released, true);
    this.plot.addEventListener("moraine-tool", ({ detail }) => this.tool(detail));
  }

  close() {
    for (const name of ["figure", "columns", "bits"]) this.model.off(`change:${name}`, this.changed);
    this.model.off("change:focus", this.moved);
    this.theme.disconnect();
    this.size.disconnect();
    removeEventListener("pointermove", this.dragged, true);
    removeEventListener("pointerup", this.released, true);
    if (this.ready) Plotly.purge(this.plot);
  }

  // Traits change together: one drawing for all that one message brought.
  draw() {
    this.wanted ??= Promise.resolve().then(() => {
      this.wanted = null;
      this.drawing = (this.drawing ?? Promise.resolve()).then(() => this.drawNow()).catch((error) => this.fail(error));
    });
  }

  async drawNow() {
    const figure = this.model.get("figure");
    if (!figure?.layout || !this.el.isConnected) return;
    this.style = getComputedStyle(document.documentElement);
    const raw = this.model.get("bits"); // a DataView, or nothing yet
    this.bits = raw?.buffer ? new Uint8Array(raw.buffer, raw.byteOffset, raw.byteLength).slice() : new Uint8Array();
    this.columns = await loadColumns(this.model.get("columns"));
    this.words = figure.layout.meta ?? {};
    if (figure.layout.map) await framesLater(3); // the volcano paints first: a map of 10,000 lakes takes plotly half a second
    const layout = resolved(figure.layout, this.style);
    this.shapes = layout.shapes ?? [];
    if (layout.map) {
      layout.map.style = this.sameStyle(layout.map.style);
      this.homeMap = layout.map;
    } else this.home = { "xaxis.range": layout.xaxis.range, "yaxis.range": layout.yaxis.range, "xaxis.autorange": !layout.xaxis.range, "yaxis.autorange": !layout.yaxis.range };
    layout.dragmode = this.dragmode ?? (COARSE() ? false : layout.dragmode);
    const data = [];
    for (const trace of resolved(figure.data, this.style)) {
      data.push(trace.meta?.series ? { ...trace, ...(await brushedLines(trace.meta, this.bits)) } : filled(trace, this.columns, this.bits));
    }
    this.isMap = data.some((trace) => trace.type === "scattermap");
    this.plot.setAttribute("aria-label", this.words.label ?? "plot");
    const config = { displayModeBar: false, responsive: false, doubleClick: "reset", scrollZoom: this.isMap && !COARSE() };
    await Plotly.react(this.plot, data, layout, config);
    if (!this.ready) this.attach();
    this.ready = true;
    if (this.isMap && COARSE()) this.map().dragPan[this.dragmode === "pan" ? "enable" : "disable"](); // one finger scrolls the page, two move the map
    this.highlight();
    this.drawOutlines(true);
    this.el.dataset.drawn = String(Number(this.el.dataset.drawn ?? 0) + 1);
  }

  // plotly loads a map's style again unless it is the very same object, and cannot swap it on a drawn map: that begins anew.
  sameStyle(style) {
    if (JSON.stringify(style) === JSON.stringify(this.mapStyle)) return this.mapStyle;
    if (this.mapStyle) {
      Plotly.purge(this.plot);
      this.ready = false;
    }
    return (this.mapStyle = style);
  }

  fail(error) {
    console.warn("moraine plot", error);
    this.tip.hidden = false;
    this.tip.style.cssText = "left:1rem;top:1rem";
    this.tip.textContent = `This plot could not be drawn (${error.message}). Reload the page; if it stays, the server's log says why.`;
  }

  attach() {
    this.plot.on("plotly_hover", ({ points: [point], event }) => this.hover(point, event));
    this.plot.on("plotly_unhover", () => (this.tip.hidden = true));
    this.plot.on("plotly_selected", (event) => this.brushed(event));
    this.plot.on("plotly_relayout", () => this.drawOutlines(false));
    if (this.isMap) this.map().on("move", () => this.placeMarks({ focus: this.model.get("focus"), cursor: this.cursor }));
  }

  // ---- highlight -------------------------------------------------------------------------------------------------------------
  highlight() {
    if (!this.ready) return;
    const rows = { focus: this.model.get("focus"), cursor: this.cursor };
    if (this.isMap) this.placeMarks(rows);
    else if (this.words.x) {
      const rings = Object.entries(rows).flatMap(([kind, row]) => this.ring(kind, row));
      Plotly.relayout(this.plot, { shapes: this.shapes.concat(rings) });
    }
    this.el.dataset.focus = String(rows.focus ?? -1);
  }

  // A restyle of a map takes plotly 400 ms at 10,000 lakes, so there the rings are elements above it that move along.
  placeMarks(rows) {
    for (const kind of ["focus", "cursor"]) {
      const row = rows[kind];
      const mark = (this.marks[kind] ??= this.el.appendChild(Object.assign(document.createElement("div"), { className: `m-ring m-ring-${kind}` })));
      const [x, y] = row >= 0 && row != null && !Number.isNaN(this.columns.lon[row]) ? this.pixel(row) : [-99, -99];
      mark.style.transform = `translate(${x}px, ${y}px)`;
    }
  }

  // The focus ring as traces, for a saved map.
  ringTraces() {
    const row = this.model.get("focus");
    if (!this.isMap || row < 0) return [];
    const at = { type: "scattermap", mode: "markers", lon: [this.columns.lon[row]], lat: [this.columns.lat[row]] };
    return [{ ...at, marker: { size: 19, opacity: 0.5, color: resolved(RING.focus, this.style) } }];
  }

  ring(kind, row) {
    const at = row != null && row >= 0 && this.place(row);
    if (!at || Number.isNaN(at[0]) || Number.isNaN(at[1])) return [];
    const size = kind === "focus" ? 9 : 12;
    const line = { color: resolved(RING[kind], this.style), width: kind === "focus" ? 2.5 : 1.5, dash: kind === "focus" ? "solid" : "dot" };
    return [{ type: "circle", xsizemode: "pixel", ysizemode: "pixel", xanchor: at[0], yanchor: at[1], x0: -size, x1: size, y0: -size, y1: size, line, layer: "above" }];
  }

  // Where a row is drawn, in the coordinates of the axes.
  place(row) {
    const { x, y, clip } = this.words;
    if (this.isMap) return [this.columns.lon[row], this.columns.lat[row]];
    return clip ? [clamp(this.columns[x][row], clip.x), clamp(this.columns[y][row], clip.y)] : [this.columns[x][row], this.columns[y][row]];
  }

  map() {
    return this.plot._fullLayout.map._subplot.map;
  }

  pixel(row) {
    const [x, y] = this.place(row);
    if (this.isMap) {
      const at = this.map().project([x, y]);
      return [at.x, at.y];
    }
    const { xaxis, yaxis } = this.plot._fullLayout;
    return [xaxis._offset + xaxis.l2p(x), yaxis._offset + yaxis.l2p(y)];
  }

  // ---- pointing --------------------------------------------------------------------------------------------------------------
  up(event) {
    const start = this.down;
    this.down = null;
    if (!start || event.button || !this.words?.pick || start.far > 6) return; // a lasso ends where it began
    if (start.event.target.closest(".modebar, .maplibregl-ctrl")) return;
    const box = this.plot.getBoundingClientRect();
    const row = this.nearest(event.clientX - box.left, event.clientY - box.top, event.pointerType === "mouse" ? 14 : 24);
    if (row != null) this.pick(row);
  }

  nearest(left, top, reach) {
    let best = null, least = reach * reach;
    const near = this.isMap ? this.box(left, top, reach) : () => true;
    const lit = (row) => (this.bits[row] & LIT ? 0 : 60); // among near ones, a lit lake comes before a dimmed one
    for (let row = 0; row < this.bits.length; row++) {
      if (!near(row)) continue;
      const [x, y] = this.pixel(row);
      const square = (x - left) ** 2 + (y - top) ** 2;
      if (square <= reach * reach && square + lit(row) < least + (best == null ? 60 : 0)) [best, least] = [row, square + lit(row)];
    }
    return best;
  }

  // Projecting 10,000 points takes a map 100 ms; comparing degrees takes none.
  box(left, top, reach) {
    const { lon, lat } = this.columns;
    const low = this.map().unproject([left - reach, top + reach]), high = this.map().unproject([left + reach, top - reach]);
    return (row) => lon[row] >= low.lng && lon[row] <= high.lng && lat[row] >= low.lat && lat[row] <= high.lat;
  }

  pick(row) {
    this.cursor = null;
    this.model.set("focus", row); // the ring moves at once; the server confirms
    this.model.set("picked", [this.columns.lake_key[row], ++this.seq]);
    this.model.save_changes();
  }

  hover(point, event) {
    const row = point.data.rows?.[point.pointNumber];
    if (row == null) return;
    const box = this.el.getBoundingClientRect();
    const x = event?.clientX ?? box.left, y = event?.clientY ?? box.top;
    this.show(row, x - box.left, y - box.top);
  }

  show(row, left, top) {
    this.tip.replaceChildren(...lakeLines(row, this.columns, this.words).map((line) => {
      const part = document.createElement("div");
      part.textContent = line;
      return part;
    }));
    this.tip.hidden = false;
    const flip = left > this.el.clientWidth / 2;
    this.tip.style.cssText = `top:${Math.max(4, top - 20)}px;` + (flip ? `right:${this.el.clientWidth - left + 16}px` : `left:${left + 16}px`);
  }

  // ---- brushing --------------------------------------------------------------------------------------------------------------
  // What dragging does: lasso, select (a box), pan, zoom, or false on a touch screen, where the page must scroll; `reset` shows all.
  tool(name) {
    if (name === "reset") return this.isMap ? this.resetMap() : Plotly.relayout(this.plot, this.home);
    this.dragmode = name === "brush" ? (this.armed ? false : "lasso") : name;
    this.armed = COARSE() && Boolean(this.dragmode);
    this.el.classList.toggle("m-armed", this.armed);
    return Plotly.relayout(this.plot, { dragmode: this.dragmode });
  }

  resetMap() {
    const { center, zoom } = this.homeMap;
    return Plotly.relayout(this.plot, { "map.center": center, "map.zoom": zoom });
  }

  brushed(event) {
    if (!event || !this.words.axes) return;
    const { range, lassoPoints } = event;
    let polygon = null;
    if (this.isMap) {
      if (lassoPoints?.map) polygon = lassoPoints.map;
      else if (range?.map) polygon = corners([range.map[0][0], range.map[1][0]], [range.map[0][1], range.map[1][1]]);
    } else if (lassoPoints) polygon = lassoPoints.x.map((x, i) => [x, lassoPoints.y[i]]);
    else if (range) polygon = corners(range.x, range.y);
    if (!polygon || polygon.length < 3) return;
    this.tip.hidden = true;
    this.model.set("drawn", { axes: this.words.axes, polygon, seq: ++this.seq });
    this.model.save_changes();
    Plotly.relayout(this.plot, { selections: [] });
    if (this.armed) this.tool("brush");
  }

  // ---- keyboard --------------------------------------------------------------------------------------------------------------
  key(event) {
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (!this.words.pick || !(step || ["Enter", "Escape", "Home", "End"].includes(event.key))) return;
    event.preventDefault();
    if (event.key === "Enter") return this.cursor != null && this.pick(this.cursor);
    if (event.key === "Escape") return this.clear();
    const order = this.order();
    const at = order.indexOf(this.cursor ?? this.model.get("focus"));
    const next = event.key === "Home" ? 0 : event.key === "End" ? order.length - 1 : at < 0 ? 0 : (at + step + order.length) % order.length;
    this.cursor = order[next] ?? null;
    this.highlight();
    if (this.cursor == null) return;
    this.show(this.cursor, ...this.pixel(this.cursor));
    this.spoken.textContent = `${next + 1} of ${order.length}: ${lakeLines(this.cursor, this.columns, this.words).join(", ")}`;
  }

  // Lit, tested lakes, the most significant first.
  order() {
    const { rank, p } = this.columns;
    const rows = [...this.bits.keys()].filter((row) => this.bits[row] & LIT && !Number.isNaN(p[row]));
    return rows.sort((a, b) => rank[a] - rank[b]);
  }

  clear() {
    this.cursor = null;
    this.tip.hidden = true;
    this.model.set("focus", -1);
    this.model.set("picked", [-1, ++this.seq]);
    this.model.save_changes();
  }

  // ---- outlines on the map, once it is zoomed in -----------------------------------------------------------------------------
  async drawOutlines(afresh) {
    const { outlines } = this.words;
    if (!this.isMap || !outlines) return;
    const map = this.map();
    const near = map.getZoom() >= outlines.zoom;
    if (near) {
      const box = map.getBounds(), tiles = [];
      for (let i = Math.floor(box.getWest() / outlines.tile); i <= box.getEast() / outlines.tile; i++)
        for (let j = Math.floor(box.getSouth() / outlines.tile); j <= box.getNorth() / outlines.tile; j++) if (outlines.tiles.includes(`${i}_${j}`)) tiles.push(`${i}_${j}`);
      const missing = tiles.filter((tile) => !this.outlines.has(tile));
      if (!missing.length && !afresh && this.near) return;
      const got = await Promise.all(missing.map((tile) => fetchOnce(outlines.url.replace("TILE", tile), (answer) => answer.json())));
      missing.forEach((tile, i) => this.outlines.set(tile, got[i].features));
    } else if (!this.near) return;
    this.near = near;
    await Plotly.relayout(this.plot, { "map.layers": near ? outlineLayers(this.outlines, this.bits, this.words.classes, this.style) : [] });
  }
}

const nextFrame = () => new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
async function framesLater(count) {
  for (let frame = 0; frame < count; frame++) await nextFrame();
}
const corners = ([x0, x1], [y0, y1]) => [[x0, y0], [x1, y0], [x1, y1], [x0, y1]];

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

export default {
  render({ model, el }) {
    const plot = new Plot(model, el);
    el.morainePlot = plot;
    return () => plot.close();
  },
};
