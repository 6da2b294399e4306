// One plotly plot. The server sends columns by URL, a figure that names them, a byte of state for each row, and the focus;
// the browser sends back what was clicked and brushed. Moving a highlight never rebuilds a figure.
const COARSE = () => matchMedia("(pointer: coarse)").matches;

class Plot {
  constructor(model, el) {
    this.model = model;
    this.cursor = null;
    this.seq = 0;
    this.outlines = new Outlines();
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
    this.moved = () => {
      const moved = JSON.stringify([this.model.get("focus"), this.model.get("told")]);
      if (moved === this.lastMoved) return; // of a crowd it is told at once, and again with all that comes of it
      this.lastMoved = moved;
      this.crowd?.learn(this.model.get("told"));
      this.highlight();
      drawFocusLink(this);
    };
    this.remarked = () => drawMarks(this);
    this.crowded = () => this.model.get("figure") === this.asked?.[0] && this.renewCrowd(); // else the figure is drawn anew, and its crowd with it
    this.pointed = ({ detail }) => askedOf(this, detail);
    document.addEventListener("moraine-point", this.pointed);
    this.turned = () => placeEpoch(this);
    this.rescened = () => drawLines(this);
    document.addEventListener("moraine-lens-epoch", this.turned);
    document.addEventListener("moraine-lens-scene", this.rescened);
    for (const name of ["figure", "columns", "bits"]) this.model.on(`change:${name}`, this.changed);
    for (const name of ["focus", "told"]) this.model.on(`change:${name}`, this.moved);
    this.model.on("change:crowd", this.crowded);
    this.model.on("change:marked", this.remarked);
    this.theme = new MutationObserver(this.changed);
    this.theme.observe(document.documentElement, { attributes: true, attributeFilter: ["data-bs-theme"] });
    this.size = new ResizeObserver(() => this.resize());
    this.size.observe(this.el);
    this.plot.addEventListener("keydown", (event) => this.key(event));
    this.plot.addEventListener("pointerdown", (event) => (this.down = { event, far: 0 }), true);
    for (const name of ["pointerdown", "pointermove"]) this.plot.addEventListener(name, ({ pointerType }) => (this.touched = pointerType === "touch"), true);
    this.el.addEventListener("pointerleave", () => (this.tip.hidden = true)); // plotly does not always say so
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
    for (const name of ["focus", "told"]) this.model.off(`change:${name}`, this.moved);
    this.model.off("change:crowd", this.crowded);
    this.model.off("change:marked", this.remarked);
    this.crowd?.close();
    document.removeEventListener("moraine-point", this.pointed);
    document.removeEventListener("moraine-lens-epoch", this.turned);
    document.removeEventListener("moraine-lens-scene", this.rescened);
    this.theme.disconnect();
    this.size.disconnect();
    clearTimeout(this.labelling);
    removeEventListener("pointermove", this.dragged, true);
    removeEventListener("pointerup", this.released, true);
    if (this.ready) Plotly.purge(this.plot);
  }

  async resize() {
    if (!this.ready || !this.plot.clientWidth) return;
    await Plotly.Plots.resize(this.plot);
    if (!this.isMap) this.highlight();
    this.drawOver();
    this.crowd?.follow();
  }

  // What lies over the plot and must go where its axes go.
  drawOver() {
    this.crowd?.draw();
    drawMarks(this);
    drawLinks(this);
    drawLines(this);
    placeEpoch(this);
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
    // The first figure is announced as well as found: drawn twice, it would end a drag that has begun.
    const asked = [figure, this.model.get("columns"), raw, document.documentElement.dataset.bsTheme];
    if (this.ready && asked.every((part, i) => part === this.asked[i])) return;
    const crowded = Boolean(this.model.get("crowd")?.url);
    this.bits = crowded ? this.bits ?? {} : raw?.buffer ? new Uint8Array(raw.buffer, raw.byteOffset, raw.byteLength).slice() : new Uint8Array();
    const [columns] = await Promise.all([loadColumns(this.model.get("columns")), moraine.drawing]);
    if (!crowded) this.columns = columns;
    await moraine.evidence.settled;
    this.words = { ...(figure.layout.meta ?? {}) };
    if (this.words.other) this.words.other = { ...this.words.other, columns: crowded ? {} : await fetchColumns(this.words.other.url) };
    // The volcano paints first: a map of 10,000 lakes takes plotly half a second, and its engine is not even asked for before.
    await framesLater(figure.layout.map ? 4 : this.words.pick ? 0 : 2);
    if (figure.layout.map) await Plotly.mapEngine();
    const layout = resolved(figure.layout, this.style);
    this.shapes = layout.shapes ?? [];
    this.notes = layout.annotations ?? [];
    this.labelled = null;
    if (layout.map) {
      layout.map.style = this.sameStyle(layout.map.style);
      const [wide, high] = this.words.panel; // the server's zoom fits a panel of this size
      if (this.el.clientWidth) layout.map.zoom += Math.log2(Math.min(this.el.clientWidth / wide, this.el.clientHeight / high));
      this.homeMap = layout.map;
    } else this.home = { "xaxis.range": layout.xaxis.range, "yaxis.range": layout.yaxis.range, "xaxis.autorange": !layout.xaxis.range, "yaxis.autorange": !layout.yaxis.range };
    layout.dragmode = this.dragmode ?? (COARSE() ? false : layout.dragmode);
    const data = [];
    for (const trace of resolved(figure.data, this.style)) {
      data.push(trace.meta?.series ? await observed(trace, this) : filled(trace, this.columns, this.bits));
    }
    this.isMap = data.some((trace) => trace.type === "scattermap");
    if (crowded) {
      this.crowd ??= new Crowd(this);
      this.crowd.renew(true);
    }
    this.plot.setAttribute("aria-label", this.words.label ?? "plot");
    const config = { displayModeBar: false, responsive: false, doubleClick: "reset", scrollZoom: this.isMap && !COARSE() };
    await Plotly.react(this.plot, data, layout, config);
    const { type } = data.find((trace, i) => trace.type && trace.type !== this.plot._fullData[i].type) ?? {};
    if (type) throw new Error(`plotly.js was built without ${type}: see docs/loading.md`);
    if (!this.ready) this.attach();
    this.ready = true;
    this.asked = asked;
    if (this.isMap && COARSE()) this.map().dragPan[this.dragmode === "pan" ? "enable" : "disable"](); // one finger scrolls the page, two move the map
    this.highlight();
    this.crowd?.repaint();
    this.drawOver();
    this.crowd?.follow(true);
    if (this.isMap) this.outlines.draw(this, this.map(), true);
    this.el.dataset.drawn = String(Number(this.el.dataset.drawn ?? 0) + 1);
  }

  renewCrowd() {
    if (!this.ready || !this.crowd) return;
    this.crowd.renew();
    this.highlight();
    this.crowd.follow(true);
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
    this.plot.on("plotly_unhover", () => {
      this.tip.hidden = true;
      askOf(this, null);
    });
    this.plot.on("plotly_selected", (event) => this.brushed(event));
    this.plot.on("plotly_relayout", (change) => this.relaid(change));
    this.plot.on("plotly_relayouting", () => {
      this.drawOver();
      this.crowd?.follow();
    });
    if (this.crowd && this.isMap && this.homeMap.zoom < 0) {
      this.map().setMinZoom(-2); // the whole world in less than 512 pixels
      this.map().jumpTo({ zoom: this.homeMap.zoom });
    }
    if (this.isMap) this.map().on("move", () => {
      placeMarks(this, { focus: this.model.get("focus"), cursor: this.cursor });
      this.crowd?.draw();
      this.crowd?.follow();
    });
  }

  // After zooming and panning, outlines may be missing and labels may have room elsewhere.
  relaid(change) {
    if (this.isMap) this.outlines.draw(this, this.map(), false);
    else if (Object.keys(change).some((key) => key.includes("axis"))) {
      this.highlight();
      this.drawOver();
      this.crowd?.follow();
    }
  }

  // ---- highlight -------------------------------------------------------------------------------------------------------------
  highlight() {
    if (!this.ready) return;
    const rows = { focus: this.model.get("focus"), cursor: this.cursor };
    if (this.isMap) placeMarks(this, rows);
    else if (this.words.linked) ringKeys(this);
    else if (this.words.x) {
      const rings = Object.entries(rows).flatMap(([kind, row]) => ringShape(kind, row != null && row >= 0 && this.place(row), this.style, Boolean(this.crowd)));
      const reach = reachShapes(this, rows.focus, rows.focus >= 0 && this.place(rows.focus));
      Plotly.relayout(this.plot, { shapes: this.shapes.concat(reach, rings) });
      clearTimeout(this.labelling);
      this.labelling = setTimeout(() => this.label(), 150);
    }
    this.el.dataset.focus = String(rows.focus ?? -1);
  }

  // New annotations cost plotly 50 ms at 10,000 lakes, new shapes 2: the ring moves at once, the labels follow when it rests.
  async label() {
    await moraine.evidence.settled;
    if (!this.plot.isConnected || !this.plot._fullLayout) return;
    const annotations = this.notes.concat(this.labels(this.model.get("focus")));
    if (JSON.stringify(annotations) !== this.labelled) Plotly.relayout(this.plot, { annotations });
    this.labelled = JSON.stringify(annotations);
  }

  // The focus lake and those that the server names, as annotations.
  labels(focus) {
    const { xaxis, yaxis, font } = this.plot._fullLayout;
    const area = { left: xaxis._offset, right: xaxis._offset + xaxis._length, top: yaxis._offset + (this.words.head ?? 0), bottom: yaxis._offset + yaxis._length };
    const rows = [...new Set([...(focus >= 0 ? [focus] : []), ...(this.words.labels ?? [])])].filter((row) => !this.place(row).some(Number.isNaN));
    const labels = rows.map((row) => ({ text: lakeName(row, this.columns), at: this.place(row), pixel: this.pixel(row), gap: row === focus ? 12 : 6, strong: row === focus }));
    return placedLabels(labels, area, { family: font.family, color: font.color });
  }

  // The focus ring as traces, for a saved map.
  ringTraces() {
    const row = this.model.get("focus");
    if (this.words.dates) return [marksTrace(this)];
    if (this.words.other) return linkTraces(this);
    return this.isMap && row >= 0 ? ringTraces(this.columns, row, this.style) : [];
  }

  // What else a saved plot shows: {data, layout}.
  saved() {
    return savedCrowd(this);
  }

  // Where a row is drawn, in the coordinates of the axes.
  place(row) {
    const { x, y, clip } = this.words;
    if (this.crowd && !this.crowd.knows(row)) return [NaN, NaN];
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
    if (!start || event.button || !["pick", "dates", "points", "lines"].some((kind) => this.words?.[kind]) || start.far > 6) return; // a lasso ends where it began
    if (start.event.target.closest(".modebar, .maplibregl-ctrl")) return;
    const box = this.plot.getBoundingClientRect();
    const at = [event.clientX - box.left, event.clientY - box.top], reach = event.pointerType === "mouse" ? 14 : 24;
    if (this.words.dates) return pressNear(this, ...at, reach);
    if (this.words.points) return pressNearest(this, ...at, reach);
    if (this.words.lines) return pressLine(this, ...at, reach);
    if (this.crowd) return this.crowd.press(...at, reach);
    const row = nearestRow(this, ...at, reach);
    if (row != null) this.pick(row);
  }

  pick(row) {
    this.cursor = null;
    this.model.set("focus", row); // the ring moves at once; the server confirms
    this.model.set("picked", [this.columns.lake_key[row], ++this.seq]);
    this.model.save_changes();
  }

  hover(point, event) {
    askOf(this, point.customdata);
    const row = point.data.rows?.[point.pointNumber];
    if (row == null || this.words.dates || this.touched) return; // a finger focuses the nearest lake, plotly would tell of another one
    const box = this.el.getBoundingClientRect();
    const x = event?.clientX ?? box.left, y = event?.clientY ?? box.top;
    this.show(row, x - box.left, y - box.top);
  }

  show(row, left, top) {
    this.tell(lakeLines(row, this.columns, this.words), left, top);
  }

  tell(lines, left, top) {
    this.tip.replaceChildren(...lines.map((line) => {
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
    const polygon = polygonOf(event, this.isMap);
    if (!polygon || polygon.length < 3) return;
    this.tip.hidden = true;
    this.model.set("drawn", { axes: this.words.axes, polygon, log: this.plot._fullLayout.yaxis?.type === "log", seq: ++this.seq });
    this.model.save_changes();
    Plotly.relayout(this.plot, { selections: [] });
    if (this.armed) this.tool("brush");
  }

  // ---- keyboard --------------------------------------------------------------------------------------------------------------
  key(event) {
    if (this.words.dates) return walkDates(this, event);
    if (this.words.points) return walkPoints(this, event);
    if (this.words.lines) return walkLines(this, event);
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (!this.words.pick || !(step || ["Enter", "Escape", "Home", "End"].includes(event.key))) return;
    event.preventDefault();
    if (event.key === "Enter") return this.cursor != null && this.pick(this.cursor);
    if (event.key === "Escape") return this.clear();
    if (this.crowd) return this.crowd.walk({ Home: "home", End: "end" }[event.key] ?? (step > 0 ? "next" : "back"));
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
}
