// What part of a scene is seen, in pixels of the scene, and where it lies on the screen; and the place of one grid in another.
(() => {
  const MOST = 24; // CSS px a scene px at most
  const clip = (value, low, high) => Math.min(Math.max(value, low), high);

  class Camera {
    constructor() {
      Object.assign(this, { x: 0, y: 0, scale: 1, width: 1, height: 1, room: [1, 1], home: null, moved: false });
    }

    // Look at a scene of that size; `home` is the box to open on.
    over(ground) {
      this.width = ground.width;
      this.height = ground.height;
      this.home = ground.lake ?? [0, 0, ground.width, ground.height];
    }

    reset() {
      const [left, top, right, bottom] = this.home;
      this.scale = Math.min(this.room[0] / (right - left), this.room[1] / (bottom - top));
      this.x = (left + right) / 2;
      this.y = (top + bottom) / 2;
      this.moved = false;
      this.settle();
    }

    resize(width, height) {
      const grown = Math.sqrt((width * height) / (this.room[0] * this.room[1]));
      this.room = [width, height];
      if (!this.home) return;
      if (!this.moved) return this.reset();
      this.scale *= grown;
      this.settle();
    }

    get least() { return Math.min(this.room[0] / this.width, this.room[1] / this.height); }

    get most() { return Math.max(MOST, this.least); }

    // Never beyond the scene, never further out than the whole of it.
    settle() {
      this.scale = clip(this.scale, this.least, this.most);
      const [across, down] = this.room.map((length) => length / this.scale / 2);
      this.x = across * 2 >= this.width ? this.width / 2 : clip(this.x, across, this.width - across);
      this.y = down * 2 >= this.height ? this.height / 2 : clip(this.y, down, this.height - down);
    }

    // By CSS px of the detail.
    pan(dx, dy) { this.to(this.x + dx / this.scale, this.y + dy / this.scale); }

    to(x, y) {
      Object.assign(this, { x, y, moved: true });
      this.settle();
    }

    // The point at (x, y) CSS px of the detail stays where it is. Whether anything changed.
    zoom(factor, x = this.room[0] / 2, y = this.room[1] / 2) {
      const before = this.scale;
      const scale = clip(before * factor, this.least, this.most);
      this.x += (x - this.room[0] / 2) * (1 / before - 1 / scale);
      this.y += (y - this.room[1] / 2) * (1 / before - 1 / scale);
      Object.assign(this, { scale, moved: true });
      this.settle();
      return Math.abs(scale - before) > 1e-9;
    }

    // [left, top, right, bottom] in scene px.
    get rect() {
      const [across, down] = this.room.map((length) => length / this.scale / 2);
      return [this.x - across, this.y - down, this.x + across, this.y + down];
    }

    // How scene px become CSS px of the detail: x · scale + left, y · scale + top.
    get place() {
      return { scale: this.scale, left: this.room[0] / 2 - this.x * this.scale, top: this.room[1] / 2 - this.y * this.scale };
    }

    // The camera that sees in another grid what this one sees in its own.
    carried({ scale, left, top }) {
      this.x = this.x * scale + left;
      this.y = this.y * scale + top;
      this.scale /= scale;
    }
  }

  // A point that two scenes of a lake share: the middle of its outlines, which both have in their own pixels.
  function anchor(ground) {
    const corners = ground.outlines.flatMap((outline) => outline.rings.flat());
    if (corners.length) {
      const middle = (axis) => corners.reduce(([low, high], corner) => [Math.min(low, corner[axis]), Math.max(high, corner[axis])], [Infinity, -Infinity]);
      return [0, 1].map((axis) => { const [low, high] = middle(axis); return (low + high) / 2; });
    }
    const [left, top, right, bottom] = ground.lake ?? [0, 0, ground.width, ground.height];
    return [(left + right) / 2, (top + bottom) / 2];
  }

  // How pixels of one scene become pixels of another of the same lake.
  function between(from, to) {
    const [ax, ay] = anchor(from), [bx, by] = anchor(to);
    const alike = from.width === to.width && from.height === to.height && from.pixel_m === to.pixel_m;
    if (alike && Math.hypot(ax - bx, ay - by) < 0.5) return { scale: 1, left: 0, top: 0 };
    const scale = from.pixel_m && to.pixel_m ? from.pixel_m / to.pixel_m : to.width / from.width;
    return { scale, left: bx - ax * scale, top: by - ay * scale };
  }

  moraine.scene = { Camera, between };
})();
