// Rings in scene px as paths, made once for each answer of the server; of a speckled mask only what can be seen is drawn.
(() => {
  const MANY = 4000; // corners from which on it pays to choose
  const LEAST = 1.2; // CSS px: longest side of a ring of such a mask that is still drawn
  const made = new WeakMap();

  function add(path, ring) {
    ring.forEach(([x, y], at) => (at ? path.lineTo(x, y) : path.moveTo(x, y)));
    path.closePath();
    return path;
  }

  function boxOf(ring) {
    const box = [Infinity, Infinity, -Infinity, -Infinity];
    for (const [x, y] of ring) {
      if (x < box[0]) box[0] = x;
      if (y < box[1]) box[1] = y;
      if (x > box[2]) box[2] = x;
      if (y > box[3]) box[3] = y;
    }
    return box;
  }

  class Shape {
    constructor(rings) {
      this.whole = new Path2D();
      for (const ring of rings) add(this.whole, ring);
      const many = rings.reduce((sum, ring) => sum + ring.length, 0) > MANY;
      this.parts = many ? rings.map((ring) => ({ ring, box: boxOf(ring) })) : null;
    }

    // The path of what lies in a box (scene px) and is large enough at a scale (CSS px a scene px).
    seen([left, top, right, bottom], scale) {
      if (!this.parts) return this.whole;
      const view = [left, top, right, bottom, scale].join();
      if (view === this.view) return this.path;
      const path = new Path2D();
      for (const { ring, box } of this.parts) {
        const inside = box[0] < right && box[2] > left && box[1] < bottom && box[3] > top;
        if (inside && Math.max(box[2] - box[0], box[3] - box[1]) * scale >= LEAST) add(path, ring);
      }
      Object.assign(this, { view, path });
      return path;
    }
  }

  function once(told, make) {
    if (!made.has(told)) made.set(told, make(told));
    return made.get(told);
  }

  moraine.scene.shapes = {
    mask: (rings) => once(rings, ({ own, other }) => ({ own: new Shape(own), other: new Shape(other), all: new Shape([...own, ...other]) })),
    outline: (rings) => once(rings, (told) => new Shape(told)),
  };
})();
