// Where the frames of the filmstrip stand: each in the middle under its date on the axis of the area series, whoever zooms it.
(() => {
  const { film } = moraine;
  const WIDE = 60; // px: a whole frame
  const LEAST = 18; // px: frames closer than this are folded away to their ticks
  const NARROW = 18; // px: half of a frame that has no room for words
  const FINGER = 44; // px: closer than this under a finger, the strip gives up the axis and scrolls
  const PATIENCE = 1500; // ms to wait for the plot of another lake
  let strip, lines, geometry = null, waiting = null;

  const plotted = () => document.querySelector(".m-series .m-plot-host")?.morainePlot?.plot;
  const within = (x) => x >= geometry.left - 1 && x <= geometry.right + 1;

  function measured() {
    const plot = plotted(), axis = plot?._fullLayout?.xaxis, up = plot?._fullLayout?.yaxis;
    if (!axis?._length || !strip.clientWidth) return null;
    const box = strip.getBoundingClientRect(), from = plot.getBoundingClientRect(), stage = lines.getBoundingClientRect();
    const left = from.left - box.left + axis._offset, top = from.top - stage.top + up._offset;
    return {
      x: (year) => left + axis.l2p(year), left, right: left + axis._length, width: strip.clientWidth, even: false, zoomed: axis.autorange === false,
      shift: box.left - stage.left, top, foot: top + up._length, end: box.top - stage.top,
    };
  }

  // `anew`: of another lake. Its dates are shown when its plot is: until then the axis is the old lake's.
  film.place = (anew = false) => {
    clearTimeout(waiting);
    strip.classList.toggle("m-film-waiting", anew);
    if (anew) waiting = setTimeout(film.place, PATIENCE);
    const all = [...film.frames.values()];
    geometry = all.length ? measured() : null;
    for (const frame of all) frame.x = geometry && frame.scene.year !== null ? geometry.x(frame.scene.year) : null;
    const inside = all.filter(({ x }) => x !== null && within(x));
    // A plot that nobody has zoomed and that lacks most dates has no areas of them: its axis is none for the strip.
    const astray = geometry && !geometry.zoomed && 2 * inside.length < all.length;
    even(all.length > 0 && (astray || all.some(({ x }) => x === null) || tight(inside)));
    align(all, inside);
    for (const frame of all) show(frame);
    const aligned = geometry && !geometry.even;
    edge("earlier", aligned ? all.filter(({ x }) => x < geometry.left - 1) : []);
    edge("later", aligned ? all.filter(({ x }) => x > geometry.right + 1) : []);
    rule();
  };

  // Another date is in focus or before: only its frame and the one it was change, by what was measured last.
  film.shift = (frames) => {
    for (const frame of frames) show(frame);
    if (geometry?.even) reveal();
    rule();
  };

  const tight = (inside) => matchMedia("(pointer: coarse)").matches && inside.some(({ x }, place) => place > 0 && x - inside[place - 1].x < FINGER);

  function even(on) {
    if (geometry) geometry.even = on;
    if (on === strip.classList.contains("m-film-even")) return;
    strip.classList.toggle("m-film-even", on);
    if (on) reveal();
  }

  // Into sight, without smoothness: who plays through dates must not be carried about.
  function reveal() {
    const node = film.frames.get(film.at)?.node;
    if (!node) return;
    const left = node.offsetLeft - 8, right = node.offsetLeft + node.offsetWidth + 8;
    if (left < strip.scrollLeft) strip.scrollLeft = left;
    else if (right > strip.scrollLeft + strip.clientWidth) strip.scrollLeft = right - strip.clientWidth;
  }

  // How much of each frame is seen: to the middle of its gap on both sides, at most all of it; in too small a gap nothing.
  function align(all, inside) {
    for (const frame of all) frame.left = frame.right = 0;
    const kept = thinned(inside);
    kept.forEach((frame, place) => {
      frame.left = Math.min(WIDE / 2, place ? (frame.x - kept[place - 1].x) / 2 - 1 : WIDE);
      frame.right = Math.min(WIDE / 2, place < kept.length - 1 ? (kept[place + 1].x - frame.x) / 2 - 1 : WIDE);
    });
  }

  // Clear dates go before bad ones, then the earlier stays. The date in focus has no say, or every step would move frames.
  function thinned(inside) {
    const kept = [], apart = (frame) => kept.every(({ x }) => Math.abs(x - frame.x) >= LEAST);
    const good = ({ scene }) => scene.clear && scene.ready;
    for (const frame of [...inside.filter(good), ...inside.filter((frame) => !good(frame))]) if (apart(frame)) kept.push(frame);
    return kept.sort((a, b) => a.x - b.x);
  }

  function show(frame) {
    const { node, scene, x } = frame;
    if (!geometry || geometry.even) {
      node.style.transform = frame.picture.style.clipPath = frame.mark.style.width = "";
      node.classList.remove("m-film-away", "m-film-folded", "m-film-narrow");
      node.hidden = false;
      film.fill(frame);
      return;
    }
    node.hidden = !within(x) && scene.key !== film.at;
    if (node.hidden) return;
    const half = WIDE / 2, middle = Math.min(Math.max(x, half), geometry.width - half);
    const whole = scene.key === film.at || scene.key === film.before;
    const [left, right] = whole ? [half, half] : [frame.left, frame.right];
    const folded = left + right === 0;
    node.style.transform = `translateX(${middle - half}px)`;
    frame.tick.style.left = `${half + x - middle}px`;
    frame.picture.style.clipPath = whole || folded ? "" : `inset(0 ${half - right}px 0 ${half - left}px round 2px)`;
    frame.mark.style.width = `${2 * Math.min(left, right)}px`;
    node.classList.toggle("m-film-away", !within(x));
    node.classList.toggle("m-film-folded", folded);
    node.classList.toggle("m-film-narrow", Math.min(left, right) < NARROW);
    if (!folded) film.fill(frame);
  }

  // How many dates a zoom has left outside, and the way to the nearest.
  function edge(side, away) {
    const button = film.root.querySelector(`.m-film-${side}`);
    button.hidden = !away.length;
    if (!away.length) return;
    const { scene } = away.at(side === "earlier" ? -1 : 0);
    const words = `${away.length} ${side} ${away.length > 1 ? "dates" : "date"} outside the plot; go to ${scene.date}`;
    button.dataset.key = scene.key;
    if (button.title === words) return;
    button.textContent = side === "earlier" ? `‹ ${away.length}` : `${away.length} ›`;
    button.title = words;
    button.setAttribute("aria-label", words);
  }

  // Lines through the plot at the dates in focus and before: elements above it, so that no figure is redrawn.
  function rule() {
    const { frames, at, before } = film, hidden = !geometry || strip.classList.contains("m-film-waiting");
    for (const [line, frame] of [[lines.firstChild, frames.get(at)], [lines.lastChild, at === before ? null : frames.get(before)]]) {
      line.hidden = hidden || frame?.x == null || !within(frame.x);
      if (!line.hidden) line.style.cssText = `left:${frame.x + geometry.shift}px;top:${geometry.top}px;height:${(geometry.even ? geometry.foot : geometry.end) - geometry.top}px`;
    }
  }

  // The plot is drawn, zoomed and resized by others.
  film.settle = () => {
    ({ strip } = film);
    lines = film.root.parentElement.appendChild(film.element("div", "m-film-lines"));
    lines.append(film.element("div", "m-film-now", { hidden: true }), film.element("div", "m-film-then", { hidden: true }));
    let followed = null;
    const follow = () => {
      const plot = plotted();
      if (plot?.on && plot !== followed) {
        followed = plot;
        plot.on("plotly_afterplot", () => film.place());
        plot.on("plotly_relayouting", () => requestAnimationFrame(() => film.place()));
      }
      film.place();
    };
    new MutationObserver(follow).observe(film.root.closest(".m-series"), { attributes: true, attributeFilter: ["data-drawn"], subtree: true });
    new ResizeObserver(() => film.place()).observe(strip.parentElement);
  };
})();
