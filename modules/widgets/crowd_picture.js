// The picture of a crowd: each cell shaded by how many lakes' points lie over one another there, on a logarithm, in the mixed colour of their
// classes; lakes that stand alone as points, in front. Drawn on a canvas that moves with the axes or the map.
const LAYERS = ["context", "untested", "steady", "growing", "shrinking"];
const SIZE = { untested: 3.5, steady: 4, growing: 5, shrinking: 5 };
const LEVEL_STEPS = 12; // as modules/crowd/cells.py
const SHADES = 256;
// The cells that a point covers, from its own: four across, without the corners; of a lake that is not lit, two.
const DISC = [[0, -1], [1, -1], [-1, 0], [0, 0], [1, 0], [2, 0], [-1, 1], [0, 1], [1, 1], [2, 1], [0, 2], [1, 2]];
const DIM_DISC = [[0, 0], [1, 0], [0, 1], [1, 1]];
const countOf = Float32Array.from({ length: 256 }, (_, level) => (level ? 2 ** ((level - 1) / LEVEL_STEPS) : 0));

const mixed = (from, to, share) => from.map((part, i) => part + (to[i] - part) * share);
const rgbOf = (text) => [1, 3, 5].map((at) => parseInt(text.trim().slice(at, at + 2), 16));

// Colours from one lake to the most: from pale over the meaning's own colour towards ink.
function ramp(colour, ground, ink, pale, deep) {
  return Array.from({ length: SHADES }, (_, i) => {
    const t = i / (SHADES - 1);
    return t < 0.5 ? mixed(ground, colour, pale + (1 - pale) * 2 * t) : mixed(colour, ink, deep * (2 * t - 1));
  });
}

// The next of 10, 20, 50, 100, … : the shades of neighbouring views should mean the same.
function roundedUp(count) {
  const power = 10 ** Math.floor(Math.log10(Math.max(count, 10)));
  return [1, 2, 5, 10].map((times) => times * power).find((most) => most >= count);
}

class CrowdPicture {
  constructor(plot) {
    this.plot = plot;
    this.bitmap = document.createElement("canvas");
  }

  take(view) {
    this.view = view;
    this.spread = this.spreadOut();
    this.paint();
  }

  // Each layer's counts, every lake spread over the cells that its point covers.
  spreadOut() {
    const { columns, rows, level } = this.view, size = columns * rows;
    return LAYERS.map((name, layer) => {
      const from = level.subarray(layer * size, (layer + 1) * size);
      if (!from.some(Boolean)) return null;
      const to = new Float32Array(size), disc = name === "context" ? DIM_DISC : DISC;
      for (let at = 0; at < size; at++) {
        const count = countOf[from[at]];
        if (!count) continue;
        const i = at % columns, j = (at - i) / columns;
        for (const [right, up] of disc) {
          const x = i + right, y = j + up;
          if (x >= 0 && y >= 0 && x < columns && y < rows) to[y * columns + x] += count;
        }
      }
      return to;
    });
  }

  ramps() {
    const { style } = this.plot, colour = (name) => rgbOf(style.getPropertyValue(`--m-${name}`));
    const ground = colour("panel"), ink = colour("ink");
    return LAYERS.map((name) => (name === "context" ? ramp(colour(name), ground, colour("steady"), 0.55, 0.35) : ramp(colour(name), ground, ink, 0.6, 0.5)));
  }

  paint() {
    const { columns, rows } = this.view, size = columns * rows, [context, ...lit] = this.spread;
    const total = new Float32Array(size);
    for (const layer of lit) if (layer) for (let at = 0; at < size; at++) total[at] += layer[at];
    this.most = roundedUp(total.reduce((most, count) => Math.max(most, count), 0));
    this.shades = this.ramps();
    const image = new ImageData(columns, rows), pixels = new Uint32Array(image.data.buffer);
    const numbered = this.view.mean && this.numbers();
    const shade = (count, most) => Math.min(SHADES - 1, Math.round(((SHADES - 1) * Math.log(Math.max(count, 1))) / Math.log(most)));
    const flip = !this.plot.isMap; // of a map y goes down, as a picture's does
    for (let at = 0; at < size; at++) {
      if (!total[at] && !context?.[at]) continue;
      const to = flip ? (rows - 1 - Math.floor(at / columns)) * columns + (at % columns) : at;
      pixels[to] = numbered && total[at] ? numbered(at) : this.colourAt(at, total[at], lit, context, shade);
    }
    Object.assign(this.bitmap, { width: columns, height: rows });
    this.bitmap.getContext("2d").putImageData(image, 0, 0);
    this.sprites = new Map();
  }

  colourAt(at, total, lit, context, shade) {
    if (!total) return opaque(this.shades[0][shade(context[at], 1000)]);
    const step = shade(total, this.most), colour = [0, 0, 0];
    lit.forEach((layer, i) => {
      const share = layer ? layer[at] / total : 0;
      if (share) this.shades[i + 1][step].forEach((part, c) => (colour[c] += share * part));
    });
    return opaque(colour);
  }

  // Colours by a number in place of the class: the cell's mean, spread to the neighbours that its points cover.
  numbers() {
    const { mean, columns, rows, level } = this.view, size = columns * rows, { cmax } = this.scaleOfNumbers(), of = this.numberColour(cmax);
    const held = level.subarray(2 * size, 3 * size);
    return (at) => {
      const near = DISC.map(([right, up]) => at - right - up * columns).find((other) => held[other]);
      return opaque(of(mean[near ?? at]));
    };
  }

  scaleOfNumbers() {
    return this.plot.plot.data.find((trace) => trace.marker?.cmax)?.marker ?? { cmax: 1 };
  }

  numberColour(cmax) {
    const [few, many] = ["few", "many"].map((name) => rgbOf(this.plot.style.getPropertyValue(`--m-${name}`)));
    return (number) => mixed(few, many, Math.min(number / cmax, 1));
  }

  // ---- onto the canvas -------------------------------------------------------------------------------------------------------
  canvas({ left, top, wide, high }) {
    const { plot } = this, fine = devicePixelRatio || 1;
    const host = plot.isMap ? plot.map().getCanvasContainer() : plot.el;
    this.sheet ??= Object.assign(document.createElement("canvas"), { className: "m-crowd", ariaHidden: "true" });
    if (this.sheet.parentElement !== host) host.appendChild(this.sheet);
    this.sheet.classList.toggle("m-crowd-map", plot.isMap);
    const size = { width: Math.round(wide * fine), height: Math.round(high * fine) };
    if (this.sheet.width !== size.width || this.sheet.height !== size.height) Object.assign(this.sheet, size);
    this.sheet.style.cssText = `left:${left}px;top:${top}px;width:${wide}px;height:${high}px`;
    const pen = this.sheet.getContext("2d");
    pen.setTransform(fine, 0, 0, fine, 0, 0);
    pen.clearRect(0, 0, wide, high);
    return pen;
  }

  // Of a map that shows the world more than once, the world about its centre.
  draw(scale) {
    const { x, columns, wide } = this.view, turn = scale.centre == null ? 0 : Math.round(scale.centre - x - (columns * wide) / 2);
    this.drawTurned(this.canvas(scale), { ...scale, bx: scale.bx + turn * scale.ax });
  }

  drawTurned(pen, { ax, bx, ay, by, wide, high }) {
    const { x, y, wide: w, high: h, columns, rows, u, v, code, number } = this.view;
    const left = ax * x + bx, right = ax * (x + columns * w) + bx, ends = [ay * y + by, ay * (y + rows * h) + by];
    if (right < 0 || left > wide) return;
    const still = Math.abs((right - left) / columns - Math.round((right - left) / columns)) < 0.02;
    pen.imageSmoothingEnabled = !still;
    pen.drawImage(this.bitmap, left, Math.min(...ends), right - left, Math.abs(ends[1] - ends[0]));
    const across = ax * w, up = ay * h, top = ay * y + by;
    const of = number && this.numberColour(this.scaleOfNumbers().cmax);
    this.rings(pen, left, top, across, up);
    for (let i = 0; i < u.length; i++) {
      const px = left + u[i] * across, py = top + v[i] * up;
      if (px < -9 || py < -9 || px > wide + 9 || py > high + 9) continue;
      const sprite = this.sprite(code[i], number ? Math.round(number[i]) : null, of);
      pen.drawImage(sprite.canvas, px - sprite.half, py - sprite.half, 2 * sprite.half, 2 * sprite.half);
    }
  }

  rings(pen, left, top, across, up) {
    const { ring_u, ring_v } = this.view;
    if (!ring_u) return;
    Object.assign(pen, { lineWidth: 2, strokeStyle: this.plot.style.getPropertyValue("--m-flood").trim() });
    for (let i = 0; i < ring_u.length; i++) {
      pen.beginPath();
      pen.arc(left + ring_u[i] * across, top + ring_v[i] * up, 5, 0, 2 * Math.PI);
      pen.stroke();
    }
  }

  // A point, drawn once: code's two lowest bits are its class, the rest the edge beyond which it lies.
  sprite(code, number, of) {
    const key = number == null ? code : code * 1000 + number;
    if (this.sprites.has(key)) return this.sprites.get(key);
    const name = LAYERS[1 + (code & 3)], edge = code >> 2, size = (edge ? 7 : 0) || SIZE[name], half = size / 2 + 1, fine = (devicePixelRatio || 1) * 2;
    const canvas = Object.assign(document.createElement("canvas"), { width: Math.ceil(2 * half * fine), height: Math.ceil(2 * half * fine) });
    const pen = canvas.getContext("2d");
    pen.scale(canvas.width / (2 * half), canvas.height / (2 * half));
    pen.translate(half, half);
    pen.fillStyle = cssOf(number == null ? this.pointColour(name) : of(number));
    pen.beginPath();
    if (edge) {
      pen.rotate([0, 0, -Math.PI / 2, Math.PI / 2][edge]);
      for (const [x, y] of [[0, -1], [0.87, 0.6], [-0.87, 0.6]]) pen.lineTo((x * size) / 2, (y * size) / 2);
    } else pen.arc(0, 0, size / 2, 0, 2 * Math.PI);
    pen.fill();
    const made = { canvas, half };
    this.sprites.set(key, made);
    return made;
  }

  // A lake that stands alone has the colour of one in a cell; where it grew or shrank a stronger one, or it would be passed over.
  pointColour(name) {
    const layer = LAYERS.indexOf(name);
    return layer > 2 ? this.shades[layer][Math.round(SHADES * 0.4)] : this.shades[layer][0];
  }
}

const opaque = ([red, green, blue]) => (255 << 24) | (Math.round(blue) << 16) | (Math.round(green) << 8) | Math.round(red);
const cssOf = (rgb) => `rgb(${rgb.map(Math.round)})`;
