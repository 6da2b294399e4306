// The scene view: the whole image as context, the part in the rectangle as detail, both drawn here; the server is only asked for images.
(() => {
  const QUIET = 150; // ms before loading is said
  const REST = 150; // ms at rest before a part of a large scene is asked for
  const SPEAK = 600; // ms at rest before a date is read out: a flipbook is not
  const { Camera, Tools, between, draw, hands, load, outlines, partOf, telling, words } = moraine.scene;

  class View {
    constructor(card) {
      this.card = card;
      this.body = card.querySelector(".m-scene-body");
      for (const name of ["detail", "context", "caption", "legend", "message", "scale", "north", "grip", "live", "at-day", "hint"]) this[name] = card.querySelector(`.m-scene-${name}`);
      this.colours = JSON.parse(this.body.dataset.colours);
      this.camera = new Camera();
      this.tools = new Tools(card, (name) => this.changed(name));
      this.share = 0.5;
      this.swiping = false;
      this.token = 0;
      this.act = {
        pan: (dx, dy) => this.move(() => this.camera.pan(dx, dy)),
        zoom: (factor, x, y) => this.at && this.move(() => this.camera.zoom(factor, x, y)),
        share: (dx, dy) => this.move(() => this.camera.pan(dx * this.camera.room[0], dy * this.camera.room[1])),
        home: () => this.move(() => this.camera.reset()),
        step: (by) => moraine.evidence.go(moraine.evidence.beside(by)),
        grab: (x, y) => this.grab(x, y),
        drag: (dx, dy) => this.move(() => this.camera.to(this.camera.x + dx / this.whole.scale, this.camera.y + dy / this.whole.scale)),
        hint: () => this.nudge(),
      };
      const move = this.tools.one("move");
      hands.hold({ detail: this.detail, context: this.context, act: this.act, armed: () => move.getAttribute("aria-pressed") === "true" });
      move.onclick = () => this.arm(move.getAttribute("aria-pressed") !== "true");
      hands.handle(this.grip, { get: () => this.share, set: (share) => this.slide(share), room: () => this.detail.getBoundingClientRect() });
      this.tools.one("home").onclick = this.act.home;
      this.tools.one("swipe").onclick = () => this.swipe(!this.swiping);
      this.watch();
    }

    watch() {
      for (const name of ["moraine-evidence", "moraine-at"]) document.addEventListener(name, () => this.refresh());
      // Sizes are remembered: to ask for them while a frame is drawn would make the browser lay out the whole page first.
      const sizes = new ResizeObserver((entries) => {
        for (const { target, contentRect } of entries) target.moraineSize = [Math.floor(contentRect.width), Math.floor(contentRect.height)];
        this.fit();
      });
      for (const box of [this.detail.parentElement, this.context]) sizes.observe(box);
      const theme = () => { this.dim = getComputedStyle(this.body).getPropertyValue("--m-panel"); this.paint(); };
      new MutationObserver(theme).observe(document.documentElement, { attributes: true, attributeFilter: ["data-bs-theme"] });
      theme();
    }

    // Whole CSS px, or the browser would stretch the finished picture by a fraction of one.
    fit() {
      const [width, height] = this.detail.parentElement.moraineSize ?? [0, 0];
      Object.assign(this.detail.style, { width: `${width}px`, height: `${height}px` });
      this.detail.moraineSize = [width, height];
      if (width && height) this.camera.resize(width, height);
      this.render();
    }

    get style() {
      const { look } = this.tools;
      return { fill: look.fill, opacity: look.opacity, outline: this.colours.outline, outlines: (frame) => outlines(frame, look.outlines, this.colours) };
    }

    changed(name) {
      this.tools.sync();
      if (name === "relief") this.refresh();
      else { telling.tell(this); this.paint(); }
    }

    // What is to be seen now: fetched if it is not here, while what is on screen stays.
    async refresh() {
      const { evidence } = moraine;
      this.tools.sync();
      const scene = evidence.scene(), before = this.swiping && evidence.before !== evidence.at ? evidence.scene(evidence.before) : null;
      if (!scene) return this.clear("empty", words.nothing(evidence));
      const options = { relief: this.tools.look.relief, layers: evidence.layers, colours: this.colours };
      const wanted = JSON.stringify([evidence.scenes.filter(({ ready }) => ready).length, scene.image, options, before?.image, scene.masks, before?.masks]);
      if (wanted === this.wanted) {
        if (this.at && !evidence.scene(this.at.scene.key)) return null;
        telling.tell(this);
        return this.paint(); // the look may have been changed elsewhere
      }
      this.wanted = wanted;
      if (scene.leftOut) return this.clear("empty", words.leftOut(evidence), scene);
      if (!scene.ready && evidence.lost) return this.sees(scene) ? null : this.clear("waiting", words.lost(), scene);
      if (!scene.ready && evidence.simulated) return this.clear("waiting", words.waiting(evidence.scenes), scene);
      const token = ++this.token;
      const current = () => token === this.token;
      this.busy(true);
      const left = before && load(before, { ...options, show() {} }).catch((error) => ({ scene: before, error }));
      try {
        const frame = await load(scene, { ...options, show: (early) => { if (current() && !this.sees(scene)) this.take(early, null); } });
        const other = await left;
        if (current()) this.take(frame, other, true);
      } catch (error) {
        if (current()) this.clear("error", words.refused(error, () => { this.wanted = null; this.refresh(); }), scene);
      }
    }

    // Whether this very image is on screen: another mask over it then waits until it is there, or the old one would flicker away.
    sees(scene) { return this.at?.scene.key === scene.key && this.at.scene.image === scene.image; }

    busy(on) {
      clearTimeout(this.slow);
      if (on) this.slow = setTimeout(() => { this.body.dataset.busy = "true"; }, QUIET);
      else this.body.dataset.busy = "false";
    }

    // A frame that has arrived takes the place of the one on screen; the rectangle stays where it is on the ground.
    take(frame, before, whole = false) {
      const { ground } = frame, same = this.ground && moraine.evidence.scene(this.of);
      if (same) this.camera.carried(between(this.ground, ground));
      this.camera.over(ground);
      if (!same) this.camera.reset();
      Object.assign(this, { ground, of: frame.scene.key, at: frame, before, told: frame.scene });
      this.body.dataset.state = "shown";
      const held = this.message.contains(document.activeElement); // a button that goes hands the keyboard on to the picture
      this.context.style.aspectRatio = `${ground.width} / ${ground.height}`;
      this.message.replaceChildren();
      if (held) this.detail.focus({ preventScroll: true });
      this.tools.offer(frame.scene, ground.bands);
      this.render();
      telling.tell(this);
      if (!whole) return;
      this.busy(false);
      this.announce();
    }

    // The same words again leave what is there, and who holds its button, alone.
    say(said) {
      const { message } = this, text = said.map((part) => part.textContent).join("");
      if (message.textContent === text) return;
      const held = message.contains(document.activeElement);
      message.replaceChildren(...said);
      if (held) (message.querySelector("button") ?? this.detail).focus({ preventScroll: true });
    }

    // Words in place of a picture.
    clear(state, said, scene = null) {
      this.token += 1;
      if (state === "empty") Object.assign(this, { ground: null, wanted: null });
      Object.assign(this, { at: null, before: null, told: scene });
      this.busy(false);
      this.body.dataset.state = state;
      this.say(said);
      this.render();
      telling.tell(this);
      this.announce();
    }

    // Drawn once a frame, however often a hand moves in it.
    paint() {
      this.frame ??= requestAnimationFrame(() => { this.frame = null; this.render(); });
    }

    // What has been drawn is on the screen after the next frame: a message posted in it comes then.
    announce() {
      const after = new MessageChannel();
      after.port1.onmessage = () => this.painted();
      requestAnimationFrame(() => after.port2.postMessage(null));
    }

    painted() {
      const key = this.at?.scene.key ?? null;
      performance.mark("moraine-scene-painted", { detail: { key } });
      document.dispatchEvent(new CustomEvent("moraine-scene-painted", { detail: { key, before: this.before?.scene.key ?? null, state: this.body.dataset.state } }));
      clearTimeout(this.speaking);
      this.speaking = setTimeout(() => telling.speak(this), SPEAK);
      if (!moraine.evidence.passing) (window.requestIdleCallback ?? setTimeout)(() => moraine.evidence.prefetch());
    }

    render() {
      const detail = draw.fresh(this.detail), context = draw.fresh(this.context), [across, down] = this.context.moraineSize ?? [0, 0];
      this.grip.hidden = !this.split;
      if (!this.at || !across) return;
      const { camera, style } = this, place = camera.place, { width, height } = this.ground;
      if (this.split) this.halves(detail, place, style);
      else draw.frame(detail, this.at, place, style);
      const scale = Math.min(across / width, down / height);
      this.whole = { scale, left: (across - width * scale) / 2, top: (down - height * scale) / 2 };
      const lit = [camera.rect, ...(this.ground.lake ? [this.ground.lake] : [])];
      draw.context(context, this.at, this.whole, { lit, rect: camera.rect, dim: this.dim, style });
      telling.measure(this);
      this.sharpen();
    }

    get split() { return this.swiping && this.at && this.before; }

    // Before on the left of the handle, after on its right, both under one camera.
    halves(ctx, place, style) {
      const [width, height] = this.camera.room, edge = width * this.share;
      draw.part(ctx, [edge, 0, width, height], this.at, place, style);
      if (!this.before.error) {
        const { scale, left, top } = between(this.before.ground, this.ground);
        const other = { scale: scale * place.scale, left: left * place.scale + place.left, top: top * place.scale + place.top };
        draw.part(ctx, [0, 0, edge, height], this.before, other, style);
      }
      this.grip.style.left = `${edge}px`;
    }

    // Once at rest, the part of a large scene that is seen, at full size.
    sharpen() {
      clearTimeout(this.resting);
      this.resting = setTimeout(() => {
        for (const frame of [this.at, this.split && !this.before.error && this.before]) {
          const part = frame && partOf(frame, this.rectIn(frame), this.camera.scale * devicePixelRatio);
          if (!part || frame.patch?.url === part.url) continue;
          moraine.evidence.image(part.url).then((image) => { frame.patch = { ...part, image }; this.paint(); }).catch(() => {}); // the coarse one stays
        }
      }, REST);
    }

    rectIn(frame) {
      const { scale, left, top } = between(this.ground, frame.ground);
      return this.camera.rect.map((at, place) => at * scale + (place % 2 ? top : left));
    }

    move(how) {
      if (!this.at) return false;
      const done = how();
      this.paint();
      return done;
    }

    grab(x, y) {
      if (!this.at) return;
      const at = [(x - this.whole.left) / this.whole.scale, (y - this.whole.top) / this.whole.scale], [left, top, right, bottom] = this.camera.rect;
      if (at[0] < left || at[0] > right || at[1] < top || at[1] > bottom) this.move(() => this.camera.to(...at));
    }

    slide(share) {
      this.share = Math.min(Math.max(share, 0), 1);
      telling.tell(this);
      this.paint();
    }

    swipe(on) {
      this.swiping = on;
      this.body.dataset.swipe = this.card.dataset.swipe = String(on);
      this.tools.one("swipe").setAttribute("aria-pressed", String(on));
      this.refresh();
    }

    arm(on) {
      this.tools.one("move").setAttribute("aria-pressed", String(on));
      this.body.classList.toggle("m-scene-armed", on);
    }

    nudge() {
      this.hint.dataset.on = "true";
      clearTimeout(this.nudged);
      this.nudged = setTimeout(() => { this.hint.dataset.on = "false"; }, 1500);
    }
  }

  document.addEventListener("DOMContentLoaded", () => {
    const card = document.querySelector(".m-scene");
    if (card) moraine.scene.view = new View(card);
  });
})();
