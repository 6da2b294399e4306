// Draws scenes: the image, hillshade, masks, outlines, and the rectangle that the detail holds. Sizes in CSS px, shapes in scene px.
(() => {
  const HALO = "rgba(16,20,24,.75)"; // round lines, so that they read on snow too
  const SHARP = 2; // CSS px an image px from which on pixels are shown as squares

  // The part of the scene that a canvas has room for.
  function room(ctx, { scale, left, top }) {
    const { width, height } = ctx.canvas, ratio = devicePixelRatio || 1;
    return [-left / scale, -top / scale, (width / ratio - left) / scale, (height / ratio - top) / scale];
  }

  function within(ctx, { scale, left, top }, draw) {
    ctx.save();
    ctx.translate(left, top);
    ctx.scale(scale, scale);
    draw();
    ctx.restore();
  }

  function stroke(ctx, place, shape, { colour, width = 1.6, dash = [], alpha = 1, halo = true }) {
    const path = shape.seen(room(ctx, place), place.scale);
    within(ctx, place, () => {
      ctx.globalAlpha = alpha;
      ctx.lineJoin = "round";
      ctx.setLineDash(dash.map((length) => length / place.scale));
      for (const [wide, ink] of halo ? [[width + 1.8, HALO], [width, colour]] : [[width, colour]]) {
        ctx.lineWidth = wide / place.scale;
        ctx.strokeStyle = ink;
        ctx.stroke(path);
      }
    });
  }

  function picture(ctx, place, image, [left, top, right, bottom]) {
    const scale = place.scale;
    ctx.imageSmoothingEnabled = (scale * (right - left)) / image.width <= SHARP;
    ctx.imageSmoothingQuality = "high";
    ctx.drawImage(image, place.left + left * scale, place.top + top * scale, (right - left) * scale, (bottom - top) * scale);
  }

  function ground(ctx, frame, place) {
    const whole = [0, 0, frame.ground.width, frame.ground.height];
    picture(ctx, place, frame.image, whole);
    if (frame.patch) picture(ctx, place, frame.patch.image, frame.patch.window);
    if (!frame.relief) return;
    ctx.save();
    ctx.globalCompositeOperation = "soft-light"; // flat ground stays as bright as it is
    picture(ctx, place, frame.relief, whole);
    ctx.restore();
  }

  function hatched(ctx, colour, scale) {
    const tile = new OffscreenCanvas(6, 6), brush = tile.getContext("2d");
    brush.strokeStyle = colour;
    brush.lineWidth = 2;
    brush.beginPath();
    for (const at of [-6, 0, 6]) { brush.moveTo(at - 1, 7); brush.lineTo(at + 7, -1); }
    brush.stroke();
    const pattern = ctx.createPattern(tile, "repeat");
    pattern.setTransform(new DOMMatrix().scale(1 / scale));
    return pattern;
  }

  // One mask in its colour; of two, what both call water faint, what only one does strong.
  function fills(ctx, place, masks, opacity) {
    const [first, second] = masks;
    if (!first || !opacity) return;
    const view = room(ctx, place), path = (shape) => shape.seen(view, place.scale);
    const fill = (area, ink, alpha) => {
      ctx.globalAlpha = Math.min(alpha, 1);
      ctx.fillStyle = ink;
      ctx.fill(area, "evenodd");
    };
    within(ctx, place, () => {
      if (!second) {
        fill(path(first.shapes.own), first.colour, opacity);
        return fill(path(first.shapes.other), first.colour, opacity / 2);
      }
      const [one, other] = masks.map((mask) => path(mask.shapes.all)), unlike = new Path2D(one);
      unlike.addPath(other); // even-odd: what lies in one only
      for (const [held, area, ink, alpha] of [
        [one, other, first.both, opacity * 0.6],
        [one, unlike, first.colour, opacity * 1.8],
        [other, unlike, second.alike ? hatched(ctx, second.colour, place.scale) : second.colour, opacity * 1.8],
      ]) {
        ctx.save();
        ctx.clip(held, "evenodd");
        fill(area, ink, alpha);
        ctx.restore();
      }
    });
  }

  function lines(ctx, frame, place, style) {
    stroke(ctx, place, frame.neighbours, { colour: style.outline, width: 1, alpha: 0.45, halo: false });
    for (const { shape, colour } of style.outlines(frame)) stroke(ctx, place, shape, { colour, width: 1.3 });
    for (const mask of frame.masks) {
      stroke(ctx, place, mask.shapes.other, { colour: mask.colour, width: 1, alpha: 0.6, dash: mask.dash });
      stroke(ctx, place, mask.shapes.own, { colour: mask.colour, dash: mask.dash });
    }
  }

  // The whole stack of one date; `style` says how: {fill, opacity, outline, outlines(frame) → [{shape, colour}]}.
  function frame(ctx, shown, place, style) {
    ground(ctx, shown, place);
    if (style.fill) fills(ctx, place, shown.masks, style.opacity);
    lines(ctx, shown, place, style);
  }

  // A frame where a box of the canvas lets it through.
  function part(ctx, [left, top, right, bottom], shown, place, style) {
    ctx.save();
    ctx.beginPath();
    ctx.rect(left, top, right - left, bottom - top);
    ctx.clip();
    frame(ctx, shown, place, style);
    ctx.restore();
  }

  // The whole scene, dimmed but for the surroundings of the lake and what the detail holds.
  function context(ctx, shown, place, { lit, rect, dim, style }) {
    const { width, height } = shown.ground;
    ground(ctx, shown, place);
    const around = new Path2D();
    around.rect(0, 0, width, height);
    const bright = new Path2D();
    for (const [left, top, right, bottom] of lit) bright.rect(left, top, right - left, bottom - top);
    within(ctx, place, () => {
      ctx.fillStyle = dim;
      ctx.globalAlpha = 0.5;
      ctx.fill(around);
      ctx.globalAlpha = 1;
      ctx.clip(bright);
      within(ctx, { scale: 1 / place.scale, left: -place.left / place.scale, top: -place.top / place.scale }, () => ground(ctx, shown, place));
    });
    stroke(ctx, place, shown.neighbours, { colour: style.outline, width: 0.8, alpha: 0.45, halo: false });
    for (const mask of shown.masks.slice(0, 1)) stroke(ctx, place, mask.shapes.own, { colour: mask.colour, width: 1 });
    const box = new Path2D();
    box.rect(rect[0], rect[1], rect[2] - rect[0], rect[3] - rect[1]);
    stroke(ctx, place, { seen: () => box }, { colour: style.outline, width: 1.8 });
  }

  // A canvas as many pixels as its box has on this screen; drawing is in CSS px.
  function fresh(canvas) {
    const [width, height] = canvas.moraineSize ?? [0, 0], ratio = devicePixelRatio || 1;
    const [across, down] = [Math.round(width * ratio), Math.round(height * ratio)];
    if (canvas.width !== across || canvas.height !== down) Object.assign(canvas, { width: across, height: down });
    const ctx = canvas.getContext("2d");
    ctx.setTransform(ratio, 0, 0, ratio, 0, 0);
    ctx.clearRect(0, 0, width, height);
    return ctx;
  }

  Object.assign(moraine.scene, { draw: { frame, part, context, fresh } });
})();
