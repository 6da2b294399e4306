// A plot of more lakes than a browser should hold (modules/crowd). For the view on screen the server counts the lakes of each cell, and names
// those that stand alone; the browser colours and moves that until the next view has come. `columns` are then known of single lakes only:
// of the one in focus, of those with labels, and of those that were asked for.
const CELL = 1; // pixels
const SPARE = 0.15; // of the view, drawn beyond each of its sides, so that it can move
const MOST_CELLS = 500000;
const REST = 120, OFTEN = 400; // milliseconds: after the last move, and while it goes on
const POINTED = 60; // milliseconds that the pointer rests before it is asked what lies there

class Crowd {
  constructor(plot) {
    this.plot = plot;
    this.picture = new CrowdPicture(plot);
    this.legend = new CrowdLegend(plot);
    this.hovered = (event) => this.hover(event);
    plot.plot.addEventListener("pointermove", this.hovered);
    plot.el.addEventListener("pointerleave", () => this.forget());
  }

  get said() {
    return this.plot.model.get("crowd");
  }

  // Other lakes are on screen, or others are lit: what was known of single ones may be wrong.
  renew() {
    if (this.version !== this.said.version) {
      this.version = this.said.version;
      this.plot.cursor = null;
      this.plot.columns = {};
      this.others = {};
      this.learn(this.said.known);
      this.learn(this.plot.model.get("told"));
    }
    if (this.plot.words.other) this.plot.words.other.columns = this.others;
  }

  learn({ lakes, other } = {}) {
    for (const [facts, columns] of [[lakes, this.plot.columns], [other, this.others]]) {
      for (const [name, values] of Object.entries(facts ?? {})) {
        const column = (columns[name] ??= {});
        values.forEach((value, i) => (column[facts.row[i]] = value ?? NaN));
      }
    }
  }

  // Whether it is known where a lake lies.
  knows(row) {
    return this.plot.columns[this.plot.isMap ? "lon" : this.plot.words.x]?.[row] !== undefined;
  }

  // ---- views -----------------------------------------------------------------------------------------------------------------
  // From the units of the crowd's axes to pixels of its canvas; on a map those units are the world's sides.
  scale() {
    const { plot } = this;
    if (!plot.isMap) {
      const { xaxis, yaxis } = plot.plot._fullLayout;
      return { ax: xaxis.l2p(1) - xaxis.l2p(0), bx: xaxis.l2p(0), ay: yaxis.l2p(1) - yaxis.l2p(0), by: yaxis.l2p(0), left: xaxis._offset, top: yaxis._offset, wide: xaxis._length, high: yaxis._length };
    }
    const map = plot.map(), { lng, lat } = map.getCenter(), world = 512 * 2 ** map.getZoom(), [x, y] = mercator(lng, lat);
    const { clientWidth: wide, clientHeight: high } = map.getContainer();
    return { ax: world, bx: wide / 2 - x * world, ay: world, by: high / 2 - y * world, left: 0, top: 0, wide, high, centre: x };
  }

  query() {
    const { ax, bx, ay, by, wide, high, centre } = this.scale();
    const cell = Math.max(CELL, Math.sqrt((wide * high * (1 + 2 * SPARE) ** 2) / MOST_CELLS));
    const span = (a, b, size, spare) => [(-spare * size - b) / a, (size + spare * size - b) / a].sort((p, q) => p - q);
    const world = ([low, top]) => (centre == null ? [low, top] : [Math.max(low, centre - 0.5), Math.min(top, centre + 0.5)]); // each lake once
    const [west, east] = world(span(ax, bx, wide, 0)), [low, top] = span(ay, by, high, 0);
    const [x0, x1] = world(span(ax, bx, wide, SPARE)), [y0, y1] = span(ay, by, high, SPARE);
    const w = cell / Math.abs(ax), h = cell / Math.abs(ay), x = Math.floor(x0 / w) * w, y = Math.floor(y0 / h) * h;
    return { x, y, wide: w, high: h, columns: Math.ceil((x1 - x) / w), rows: Math.ceil((y1 - y) / h), west, east, low, top };
  }

  async ask(what, query, signal) {
    const answer = await fetch(`${this.said.url}&${new URLSearchParams({ ask: what, ...query })}`, { signal });
    if (!answer.ok) throw new Error(await answer.text());
    return answer;
  }

  // The picture follows the view: at once where the lakes are others, else when the view rests, or goes on for long.
  follow(now = false) {
    clearTimeout(this.later);
    const waited = performance.now() - (this.begun ?? 0);
    if (now || waited > OFTEN + REST) this.look();
    else this.later = setTimeout(() => this.look(), REST);
  }

  async look() {
    if (this.looking) return (this.again = true); // one at a time: the newest view is asked for when this one has come
    this.looking = true;
    this.begun = performance.now();
    try {
      do {
        this.again = false;
        const query = this.query();
        if (!(query.columns > 0 && query.rows > 0)) return;
        const view = { ...query, ...viewOf(parseColumns(await (await this.ask("view", query)).arrayBuffer())) };
        if (view.said.version < this.said.version) this.again = true;
        this.show(view);
      } while (this.again && this.plot.plot.isConnected);
      this.trouble = 0;
    } catch (error) {
      this.missed(error);
    } finally {
      this.looking = false;
    }
  }

  // What is on screen stays; the connection may be back in a moment, or a new session may bring a new address.
  missed(error) {
    console.warn("moraine crowd", error);
    this.trouble = (this.trouble ?? 0) + 1;
    if (this.trouble < 5) this.later = setTimeout(() => this.look(), 1000 * this.trouble);
    else this.plot.fail(error);
  }

  show(view) {
    this.view = view;
    this.picture.take(view);
    const { plot } = this;
    plot.bits = view.states;
    this.led = [];
    if (view.other_x) this.lead(view);
    plot.drawOver();
    this.legend.show(view, this.picture);
    if (plot.isMap) plot.outlines.draw(plot, plot.map(), true);
    plot.el.dataset.crowd = String(view.said.version);
    plot.el.dataset.seen = String(view.said.seen);
  }

  // Lines lead from the lakes that are drawn as points.
  lead({ row, u, v, x, y, wide, high, other_x, other_y }) {
    const { columns, words } = this.plot;
    const tell = (held, name, lake, value) => ((held[name] ??= {})[lake] ??= value);
    row.forEach((lake, i) => {
      tell(columns, words.x, lake, x + u[i] * wide);
      tell(columns, words.y, lake, y + v[i] * high);
      tell(this.others, words.x, lake, other_x[i]);
      tell(this.others, words.y, lake, other_y[i]);
    });
    this.led = [...row].filter((lake, i) => Number.isFinite(other_x[i] + other_y[i]));
  }

  draw() {
    if (this.view) this.picture.draw(this.scale());
  }

  repaint() {
    if (!this.view) return;
    this.picture.paint();
    this.legend.show(this.view, this.picture);
  }

  // ---- pointing --------------------------------------------------------------------------------------------------------------
  // Where a pointer is, in the units of the axes.
  spot(left, top, reach) {
    const { ax, bx, ay, by, left: x0, top: y0 } = this.scale();
    return { x: (left - x0 - bx) / ax, y: (top - y0 - by) / ay, wide: 1 / Math.abs(ax), high: 1 / Math.abs(ay), reach };
  }

  press(left, top, reach) {
    const { x, y, wide, high } = this.spot(left, top, reach), { model } = this.plot;
    if (this.plot.cursor != null) {
      this.plot.cursor = null;
      this.plot.highlight();
    }
    model.set("pressed", [x, y, wide, high, reach, ++this.plot.seq]);
    model.save_changes();
  }

  hover({ clientX, clientY, pointerType, buttons }) {
    this.forget();
    if (pointerType === "touch" || buttons || !this.view) return;
    const box = this.plot.plot.getBoundingClientRect(), at = [clientX - box.left, clientY - box.top];
    this.pointing = setTimeout(() => this.point(...at), POINTED);
  }

  forget() {
    clearTimeout(this.pointing);
    this.pointed?.abort();
    this.plot.tip.hidden = true;
  }

  async point(left, top) {
    this.pointed = new AbortController();
    const { signal } = this.pointed;
    const found = await this.ask("under", this.spot(left, top, 14), signal).then((answer) => answer.json()).catch(() => null);
    if (!found || signal.aborted || found.row === null) return;
    this.learn(found);
    const lines = lakeLines(found.row, this.plot.columns, this.plot.words), here = found.here.reduce((sum, count) => sum + count, 0);
    this.plot.tell(here > 1 ? [...crowdLines(found.here, here), `nearest: ${lines[0]}`, ...lines.slice(2, 3)] : lines, left, top);
  }

  // ---- keyboard --------------------------------------------------------------------------------------------------------------
  // The walk is the server's; keys that are held down wait for it, and none of them is lost.
  walk(way) {
    this.walking = (this.walking ?? Promise.resolve()).then(() => this.stepTo(way)).catch((error) => this.missed(error));
  }

  async stepTo(way) {
    const { plot } = this, from = plot.cursor ?? plot.model.get("focus");
    const found = await (await this.ask("step", { row: from ?? -1, way })).json();
    if (found.row === null) return;
    this.learn(found);
    plot.cursor = found.row;
    plot.highlight();
    plot.show(found.row, ...plot.pixel(found.row));
    plot.spoken.textContent = `${found.at + 1} of ${found.of}: ${lakeLines(found.row, plot.columns, plot.words).join(", ")}`;
  }

  close() {
    clearTimeout(this.later);
    this.forget();
    this.plot.plot.removeEventListener("pointermove", this.hovered);
  }
}

// The facts of an answer beside its columns, and the states of the lakes in it, by row.
function viewOf(columns) {
  const states = {};
  columns.row.forEach((row, i) => (states[row] = (columns.code[i] & 3) | LIT));
  columns.near?.forEach((row, i) => (states[row] = columns.state[i]));
  return { ...columns, states };
}

const HERE = ["not tested", "not significant", "growing", "shrinking"];

function crowdLines(here, all) {
  const kinds = here.map((count, code) => [count, HERE[code]]).filter(([count]) => count);
  const said = kinds.length > 1 || kinds[0][1] !== "not significant" ? [kinds.map(([count, kind]) => `${count.toLocaleString("en")} ${kind}`).join(" · ")] : [];
  return [`${all.toLocaleString("en")} lakes here: zoom in`, ...said];
}

// The world's square: x from 0 at 180° W to 1, y from 0 in the north to 1 (as modules/crowd/places.py has it).
function mercator(lng, lat) {
  return [(lng + 180) / 360, 0.5 - Math.atanh(Math.sin((lat * Math.PI) / 180)) / (2 * Math.PI)];
}
