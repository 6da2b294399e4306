// The page Segment: image and mask, probability, errors, drawn from rasters that are fetched once; the threshold works here, without the server.
(() => {
  const UNKNOWN = 255, STEPS = 200, MARGIN = 0.35;
  const WATER = 1;
  const OUTLINE = "#fff", HALO = "rgb(16 20 24 / 70%)";
  const LOW = [16, 20, 24], MIDDLE = [36, 118, 150], HIGH = [225, 248, 252];
  const RAMP = Array.from({ length: STEPS + 1 }, (_, step) => {
    const share = step / STEPS, [from, to, at] = share < 0.5 ? [LOW, MIDDLE, share * 2] : [MIDDLE, HIGH, share * 2 - 1];
    return from.map((value, part) => Math.round(value + (to[part] - value) * at));
  });

  const bytes = async (url) => {
    const answer = await fetch(url);
    if (!answer.ok) throw new Error(await answer.text());
    return new Uint8Array(await answer.arrayBuffer());
  };
  const bitmap = async (url) => {
    const answer = await fetch(url);
    if (!answer.ok) throw new Error(await answer.text());
    return createImageBitmap(await answer.blob());
  };
  const unrolled = (runs, size) => {
    const out = new Uint8Array(size);
    for (let at = 0, place = 0; at < runs.length; place += runs[at + 1], at += 2) if (runs[at]) out.fill(runs[at], place, place + runs[at + 1]);
    return out;
  };

  class Picture {
    constructor(root) {
      this.root = root;
      this.colours = JSON.parse(root.dataset.colours);
      this.camera = new moraine.scene.Camera();
      this.threshold = 0.5;
      this.subject = null;
      this.panels = Object.fromEntries([...root.querySelectorAll("[data-segment-panel]")].map((panel) => [panel.dataset.segmentPanel, {
        panel, canvas: panel.querySelector("canvas"), layer: document.createElement("canvas"),
      }]));
      const sizes = new ResizeObserver(() => this.resize());
      for (const { canvas } of Object.values(this.panels)) sizes.observe(canvas.parentElement);
      this.legends();
      this.state();
    }

    // Another image, or another answer for it. What is on the way for an older one is dropped.
    async tell(told) {
      const mine = (this.asked = {});
      const fresh = told.key === null || this.subject?.key !== told.key || this.subject?.image !== told.image;
      try {
        const url = (name) => told[name] && (told[name] !== this.subject?.[name] ? bytes(told[name]) : this[name]);
        const [image, label, probability] = told.key === null ? [null, null, null]
          : await Promise.all([fresh ? bitmap(told.image) : this.image, url("label"), url("probability")]);
        if (this.asked !== mine) return;
        Object.assign(this, { image, label, probability, trouble: "" });
      } catch (error) {
        if (this.asked !== mine) return;
        Object.assign(this, { image: null, label: null, probability: null, trouble: error.message });
      }
      this.subject = told.key === null ? null : told;
      if (fresh) this.renew();
      this.own = null;
      this.state();
      this.paintLayers();
    }

    renew() {
      this.edits = this.subject ? new Uint8Array(this.subject.width * this.subject.height) : null;
      this.root.dispatchEvent(new CustomEvent("moraine-segment-fresh"));
      if (!this.subject) return;
      for (const { layer } of Object.values(this.panels)) Object.assign(layer, { width: this.subject.width, height: this.subject.height });
      this.camera.over({ width: this.subject.width, height: this.subject.height, lake: this.square() });
      this.camera.moved = false;
      this.resize();
    }

    // The lake and a little around it, where it is known and lies in the image.
    square() {
      const points = this.subject.rings.flat(), { width, height } = this.subject;
      if (!points.length) return null;
      const [xs, ys] = [0, 1].map((axis) => points.map((point) => point[axis]));
      const [left, right, top, bottom] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
      if (left > width || top > height || right < 0 || bottom < 0) return null;
      const half = Math.max(24, Math.max(right - left, bottom - top) * (0.5 + MARGIN)), x = (left + right) / 2, y = (top + bottom) / 2;
      return [x - half, y - half, x + half, y + half];
    }

    cut(threshold) {
      this.threshold = threshold;
      this.own = null;
      this.paintLayers();
    }

    // The water that the server counts as the lake's own.
    owned({ own, size }) {
      if (!this.subject || size !== this.subject.width * this.subject.height) return;
      this.own = unrolled(own, size);
      this.paintLayers();
    }

    // (H·W) 1 where there is water: by hand, else above the threshold.
    water() {
      const { probability, edits, threshold } = this, out = new Uint8Array(edits.length), least = Math.round(threshold * STEPS * 1e6) / 1e6;
      for (let at = 0; at < out.length; at++) {
        const said = edits[at];
        out[at] = said ? Number(said === WATER) : Number(probability[at] !== UNKNOWN && probability[at] > least);
      }
      return out;
    }

    state() {
      const { subject, root } = this;
      root.dataset.state = !subject ? "empty" : this.probability ? "mask" : "image";
      root.dataset.label = String(Boolean(this.label));
      root.querySelector(".m-segment-title").textContent = subject ? `${subject.title}${subject.simulated ? " · simulated" : ""}` : "";
      root.querySelector(".m-segment-empty").textContent = this.trouble
        || (!subject ? "No image yet: choose a date of a lake, or hand in a GeoTIFF." : this.probability ? "" : "Press Segment for a mask.");
      for (const [name, words] of Object.entries({ mask: subject?.model, probability: subject?.model, errors: "" })) root.querySelector(`[data-segment-caption="${name}"]`).textContent = words ? ` · ${words}` : "";
    }

    legends() {
      const entries = {
        mask: [["water", "the lake's own water, strong; other water, faint"], ["hand", "changed by hand"], ["outline", "outline of the inventory"]],
        probability: [["ramp", "0 to 1"], ["outline", "mask at the threshold"]],
        errors: [["tp", "both"], ["fp", "only the mask"], ["fn", "only the label"]],
      };
      const ramp = `linear-gradient(to right, ${[LOW, MIDDLE, HIGH].map((colour) => `rgb(${colour.join(" ")})`).join(", ")})`;
      for (const [name, items] of Object.entries(entries)) {
        this.root.querySelector(`[data-segment-legend="${name}"]`).replaceChildren(...items.map(([colour, words]) => {
          const item = document.createElement("li"), mark = document.createElement("span");
          mark.className = "m-segment-mark";
          mark.style.background = colour === "ramp" ? ramp : `rgb(${this.colours[colour].join(" ")})`;
          item.append(mark, words);
          return item;
        }));
      }
    }

    paintLayers() {
      if (!this.subject || !this.probability) return this.draw();
      const { width, height } = this.subject, { water: sea, hand, tp, fp, fn } = this.colours;
      const wet = this.water(), { own, edits, label, probability } = this;
      const images = Object.fromEntries(Object.keys(this.panels).map((name) => [name, new ImageData(width, height)]));
      const put = (name, at, [red, green, blue], alpha) => images[name].data.set([red, green, blue, alpha], at * 4);
      for (let at = 0; at < wet.length; at++) {
        const x = at % width;
        const shore = wet[at] && ((x > 0 && !wet[at - 1]) || (x < width - 1 && !wet[at + 1]) || (at >= width && !wet[at - width]) || (at < wet.length - width && !wet[at + width]));
        if (edits[at]) put("mask", at, hand, 150);
        else if (wet[at]) put("mask", at, sea, (own && !own[at] ? 0.5 : 1) * (shore ? 255 : 90));
        if (probability[at] === UNKNOWN) put("probability", at, (x + Math.floor(at / width)) % 8 < 2 ? [142, 148, 154] : [122, 128, 134], 255);
        else put("probability", at, shore ? [255, 255, 255] : RAMP[probability[at]], 255);
        if (label && label[at] !== UNKNOWN && (probability[at] !== UNKNOWN || edits[at])) {
          const real = label[at] > STEPS / 2;
          if (wet[at] || real) put("errors", at, wet[at] ? (real ? tp : fp) : fn, real && wet[at] ? 130 : 220);
        }
      }
      for (const [name, { layer }] of Object.entries(this.panels)) layer.getContext("2d").putImageData(images[name], 0, 0);
      this.draw();
    }

    resize() {
      const stage = this.panels.mask.canvas.parentElement, { clientWidth: width, clientHeight: height } = stage;
      if (!width || !height) return;
      for (const { canvas } of Object.values(this.panels)) Object.assign(canvas, { width: Math.round(width * devicePixelRatio), height: Math.round(height * devicePixelRatio) });
      this.camera.resize(width, height);
      this.draw();
    }

    draw() {
      if (this.frame) return;
      this.frame = requestAnimationFrame(() => { this.frame = 0; for (const [name, each] of Object.entries(this.panels)) this.drawPanel(name, each); });
    }

    drawPanel(name, { canvas, layer }) {
      const pen = canvas.getContext("2d"), { subject } = this, ratio = devicePixelRatio;
      pen.setTransform(1, 0, 0, 1, 0, 0);
      pen.clearRect(0, 0, canvas.width, canvas.height);
      if (!subject || !this.image) return;
      const { scale, left, top } = this.camera.place;
      pen.setTransform(scale * ratio, 0, 0, scale * ratio, left * ratio, top * ratio);
      if (name !== "probability") {
        pen.imageSmoothingEnabled = scale < 3;
        pen.globalAlpha = name === "errors" ? 0.45 : 1;
        pen.drawImage(this.image, 0, 0, subject.width, subject.height);
        pen.globalAlpha = 1;
      }
      pen.imageSmoothingEnabled = scale < 1;
      if (this.probability) pen.drawImage(layer, 0, 0);
      this.drawRings(pen, scale);
      if (name === "mask" && this.brush) this.drawBrush(pen, scale);
    }

    drawRings(pen, scale) {
      for (const [colour, width, dash] of [[HALO, 3, []], [OUTLINE, 1.2, [5, 4]]]) {
        pen.strokeStyle = colour;
        pen.lineWidth = width / scale;
        pen.setLineDash(dash.map((part) => part / scale));
        for (const ring of this.subject.rings) {
          pen.beginPath();
          ring.forEach(([x, y]) => pen.lineTo(x, y));
          pen.stroke();
        }
      }
      pen.setLineDash([]);
    }

    drawBrush(pen, scale) {
      const { x, y, size } = this.brush;
      for (const [colour, width] of [[HALO, 3], [OUTLINE, 1.5]]) {
        pen.strokeStyle = colour;
        pen.lineWidth = width / scale;
        pen.beginPath();
        pen.arc(x, y, Math.max(size / 2, 0.5), 0, 2 * Math.PI);
        pen.stroke();
      }
    }

    // Scene px under a point of the page.
    at(canvas, event) {
      const box = canvas.getBoundingClientRect(), { scale, left, top } = this.camera.place;
      return [(event.clientX - box.left - left) / scale, (event.clientY - box.top - top) / scale];
    }
  }

  // A file that is too large is not sent at all: the page says so at once.
  function large(event, files) {
    const place = event.target.closest?.("[data-upload-most]"), file = files?.[0];
    const size = [...(files ?? [])].reduce((sum, each) => sum + each.size, 0);
    if (!place || !file || size <= Number(place.dataset.uploadMost)) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    if (event.target.type === "file") event.target.value = "";
    Shiny.setInputValue(place.dataset.uploadTold, { name: file.name, size }, { priority: "event" });
  }
  document.addEventListener("change", (event) => large(event, event.target.files), true);
  document.addEventListener("drop", (event) => large(event, event.dataTransfer?.files), true);

  // What belongs to the chosen kind of image. Shiny is told, since it does not work out what cannot be seen.
  function origin(places) {
    const chosen = places[0].closest("fieldset").querySelector("input[type=radio]:checked")?.value;
    for (const place of places) {
      place.hidden = place.dataset.segmentOrigin !== chosen;
      $(place).trigger(place.hidden ? "hidden" : "shown");
    }
  }
  document.addEventListener("change", ({ target }) => {
    const places = target.type === "radio" ? [...target.closest("fieldset")?.querySelectorAll("[data-segment-origin]") ?? []] : [];
    if (places.length) origin(places);
  });

  document.addEventListener("DOMContentLoaded", () => {
    const root = document.querySelector(".m-segment-picture");
    if (!root) return;
    const picture = new Picture(root);
    moraine.segment = picture;
    moraine.segmentTools(picture);
    Shiny.addCustomMessageHandler("moraine-segment", (told) => picture.tell(told));
    Shiny.addCustomMessageHandler("moraine-segment-threshold", ({ threshold }) => picture.cut(threshold));
    Shiny.addCustomMessageHandler("moraine-segment-own", (told) => picture.owned(told));
  });
})();
