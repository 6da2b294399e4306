// The hand on the mask: brush and eraser for mouse, pen, finger and keys; undo; what was done goes to the server as runs.
(() => {
  const LEFT = 0, WATER = 1, LAND = 2;
  const STROKES = 60; // that can be taken back
  const LATER = 150; // ms after a stroke before the server is told
  const ZOOM = 1.4;
  const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

  const runs = (values) => {
    const out = [];
    for (let at = 0; at < values.length;) {
      let end = at + 1;
      while (end < values.length && values[end] === values[at]) end += 1;
      out.push(values[at], end - at);
      at = end;
    }
    return out;
  };

  class Hand {
    constructor(picture) {
      this.picture = picture;
      this.root = picture.root;
      this.canvas = picture.panels.mask.canvas;
      this.tool = "move";
      this.size = 6;
      this.strokes = [];
      for (const name of ["move", "paint", "erase"]) this.one(name).onclick = () => this.take(name);
      this.one("undo").onclick = () => this.undo();
      this.one("discard").onclick = () => this.discard();
      this.one("less").onclick = () => this.zoom(1 / ZOOM);
      this.one("more").onclick = () => this.zoom(ZOOM);
      this.one("home").onclick = () => { picture.camera.reset(); picture.draw(); };
      this.one("size").oninput = ({ target }) => this.resize(Number(target.value));
      this.root.addEventListener("moraine-segment-fresh", () => { this.strokes = []; this.stroke = null; this.sync(); });
      for (const { canvas } of Object.values(picture.panels)) this.listen(canvas);
      this.sync();
    }

    one(name) { return this.root.querySelector(`[data-segment="${name}"]`); }

    get painting() { return this.tool !== "move" && Boolean(this.picture.probability); }

    take(tool) {
      this.tool = tool;
      for (const name of ["move", "paint", "erase"]) this.one(name).setAttribute("aria-pressed", String(name === tool));
      for (const { canvas } of Object.values(this.picture.panels)) canvas.dataset.tool = canvas === this.canvas ? tool : "move";
      this.picture.brush = this.painting ? { x: this.picture.camera.x, y: this.picture.camera.y, size: this.size } : null;
      this.picture.draw();
      this.tell({ move: "The brush is laid down.", paint: "Painting water.", erase: "Erasing water." }[tool]);
    }

    resize(size) {
      this.size = Math.min(Math.max(size, 1), 40);
      this.one("size").value = this.size;
      this.one("size-said").textContent = `${this.size} px`;
      if (this.picture.brush) this.picture.brush.size = this.size;
      this.picture.draw();
    }

    tell(words) { this.root.querySelector('[data-segment="told"]').textContent = words; }

    zoom(factor) {
      this.picture.camera.zoom(factor);
      this.picture.draw();
    }

    // A round stamp about a point, in scene px; what changes is remembered for undo.
    stamp(x, y) {
      const { width, height } = this.picture.subject, { edits } = this.picture, radius = this.size / 2, value = this.tool === "paint" ? WATER : LAND;
      for (let row = Math.max(0, Math.floor(y - radius)); row <= Math.min(height - 1, Math.floor(y + radius)); row++) {
        for (let column = Math.max(0, Math.floor(x - radius)); column <= Math.min(width - 1, Math.floor(x + radius)); column++) {
          if (Math.hypot(column + 0.5 - x, row + 0.5 - y) > Math.max(radius, 0.71)) continue;
          const at = row * width + column;
          if (edits[at] === value) continue;
          if (!this.stroke.has(at)) this.stroke.set(at, edits[at]);
          edits[at] = value;
        }
      }
    }

    line([x0, y0], [x1, y1]) {
      const steps = Math.max(1, Math.ceil(Math.hypot(x1 - x0, y1 - y0) / Math.max(1, this.size / 4)));
      for (let step = 1; step <= steps; step++) this.stamp(x0 + ((x1 - x0) * step) / steps, y0 + ((y1 - y0) * step) / steps);
      this.again();
    }

    // One layer a frame, however fast the hand is.
    again() {
      if (this.waiting) return;
      this.waiting = requestAnimationFrame(() => { this.waiting = 0; this.picture.paintLayers(); });
    }

    end() {
      if (this.stroke?.size) {
        this.strokes.push(this.stroke);
        this.strokes.splice(0, this.strokes.length - STROKES);
        this.changed(`${this.stroke.size} pixels ${this.tool === "paint" ? "painted as water" : "erased"}.`);
      }
      this.stroke = null;
    }

    undo() {
      const stroke = this.strokes.pop();
      if (!stroke) return;
      for (const [at, before] of stroke) this.picture.edits[at] = before;
      this.changed("The last stroke was taken back.");
    }

    discard() {
      this.picture.edits.fill(LEFT);
      this.strokes = [];
      this.changed("All edits were taken back.");
    }

    changed(words) {
      this.tell(words);
      this.sync();
      this.again();
      clearTimeout(this.timer);
      const { subject, edits } = this.picture;
      this.timer = setTimeout(() => {
        if (this.picture.subject?.key === subject.key) Shiny.setInputValue(this.root.dataset.input, { key: subject.key, runs: runs(edits) }, { priority: "event" });
      }, LATER);
    }

    sync() {
      this.one("undo").disabled = !this.strokes.length;
      this.one("discard").disabled = !this.picture.edits?.some(Boolean);
    }

    listen(canvas) {
      canvas.dataset.tool = "move";
      canvas.addEventListener("pointerdown", (event) => this.down(canvas, event));
      canvas.addEventListener("pointermove", (event) => {
        if (canvas !== this.canvas || !this.painting) return;
        const [x, y] = this.picture.at(canvas, event);
        this.picture.brush = { x, y, size: this.size };
        this.picture.draw();
      });
      canvas.addEventListener("wheel", (event) => {
        if (!event.ctrlKey && !event.metaKey && document.activeElement !== canvas) return;
        const box = canvas.getBoundingClientRect();
        if (this.picture.camera.zoom(Math.exp(-event.deltaY * (event.ctrlKey ? 0.01 : 0.002)), event.clientX - box.left, event.clientY - box.top)) event.preventDefault();
        this.picture.draw();
      }, { passive: false });
      canvas.addEventListener("keydown", (event) => this.key(canvas, event));
    }

    down(canvas, event) {
      if (event.button !== 0 || !this.picture.subject) return;
      canvas.focus({ preventScroll: true });
      const paint = canvas === this.canvas && this.painting;
      if (!paint && event.pointerType === "touch") return; // the page scrolls
      canvas.setPointerCapture(event.pointerId);
      let last = this.picture.at(canvas, event), [x, y] = [event.clientX, event.clientY];
      if (paint) {
        this.stroke = new Map();
        this.line(last, last);
      }
      const moved = (next) => {
        if (paint) {
          const here = this.picture.at(canvas, next);
          this.line(last, here);
          last = here;
          return;
        }
        this.picture.camera.pan(x - next.clientX, y - next.clientY);
        [x, y] = [next.clientX, next.clientY];
        this.picture.draw();
      };
      canvas.addEventListener("pointermove", moved);
      canvas.addEventListener("lostpointercapture", () => {
        canvas.removeEventListener("pointermove", moved);
        if (paint) this.end();
      }, { once: true });
    }

    key(canvas, event) {
      const { picture } = this, { camera } = picture;
      if (event.altKey || !picture.subject) return;
      if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() !== "z") return;
      const arrow = ARROWS[event.key], brush = picture.brush;
      if (arrow && brush && canvas === this.canvas) {
        const step = event.shiftKey ? 1 : Math.max(1, Math.round(this.size / 2));
        brush.x = Math.min(Math.max(brush.x + arrow[0] * step, 0), picture.subject.width);
        brush.y = Math.min(Math.max(brush.y + arrow[1] * step, 0), picture.subject.height);
        const [left, top, right, bottom] = camera.rect;
        if (brush.x < left || brush.x > right || brush.y < top || brush.y > bottom) camera.to(brush.x, brush.y);
      } else if (arrow) camera.pan(arrow[0] * 40, arrow[1] * 40);
      else if (event.key === " " && brush) {
        this.stroke = new Map();
        this.line([brush.x, brush.y], [brush.x, brush.y]);
        this.end();
      } else if (event.key === "+" || event.key === "=") camera.zoom(ZOOM);
      else if (event.key === "-") camera.zoom(1 / ZOOM);
      else if (event.key === "0") camera.reset();
      else if (event.key === "[" || event.key === "]") this.resize(this.size + (event.key === "]" ? 1 : -1));
      else if (event.key.toLowerCase() === "b") this.take("paint");
      else if (event.key.toLowerCase() === "e") this.take("erase");
      else if (event.key.toLowerCase() === "z") this.undo();
      else if (event.key === "Escape") this.take("move");
      else return;
      event.preventDefault();
      event.stopPropagation();
      picture.draw();
    }
  }

  moraine.segmentTools = (picture) => { picture.hand = new Hand(picture); };
})();
