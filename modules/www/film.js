// The filmstrip: every date of the focus lake under its place on the axis of the area series. Its frames stay while the lake
// does: a step moves the ring, news changes only what is new. Playing is in film_play.js, previews and files in film_take.js.
(() => {
  const WIDE = 60; // px: a whole frame
  const LEAST = 18; // px: frames closer than this are folded away to their ticks
  const FINGER = 44; // px: closer than this under a finger, the strip gives up the axis and scrolls
  const PATIENCE = 1500; // ms to wait for the plot of another lake
  const evidence = moraine.evidence;
  const frames = new Map(); // key → frame, in date order
  let root, strip, lines, geometry = null, waiting = null, at = null, before = null;

  const film = {
    frames, skip: true, failed: new Map(), // key → why its thumbnail cannot be shown
    get root() { return root; },
    get strip() { return strip; },
    words(scene) {
      const seen = scene.clear ? "clear" : scene.ready && !["", "ok"].includes(scene.reason) ? scene.reason.replaceAll("_", " ")
        : scene.share !== null && scene.share < 0.8 ? `only ${Math.round(100 * scene.share)} % of it seen` : scene.date ? scene.reason.replaceAll("_", " ") : "no date";
      return [scene.date ?? "undated", scene.sensor || "sensor not stated", seen, film.lacks(scene)].filter(Boolean).join(", ");
    },
    lacks: (scene) => (scene.ready ? film.failed.get(scene.key) ?? "" : evidence.simulated ? "image not made yet" : "image missing"),
    step(by) {
      const key = evidence.beside(by, film.skip);
      if (key !== null) film.go(key);
    },
    go(key, options) {
      film.pause?.();
      evidence.go(key, options);
    },
  };
  moraine.film = film;

  const element = (tag, className, properties = {}) => Object.assign(document.createElement(tag), { className, ...properties });

  // ---- frames ----------------------------------------------------------------------------------------------------------------
  function made(scene) {
    const node = element("div", "m-film-frame", { tabIndex: -1 });
    node.setAttribute("role", "option");
    node.setAttribute("aria-selected", "false");
    node.dataset.key = scene.key;
    const frame = { node, tick: element("span", "m-film-tick"), picture: element("div", "m-film-picture"), mark: element("span", "m-film-mark"), x: null };
    node.append(frame.tick, frame.picture);
    return frame;
  }

  // Only what has changed since it was told before.
  function renew(frame, scene) {
    const other = frame.scene?.thumb !== scene.thumb || frame.scene?.ready !== scene.ready;
    frame.scene = scene;
    if (other) film.failed.delete(scene.key);
    if (other && frame.image) {
      if (scene.ready) frame.image.src = scene.thumb; // the old one is seen until the new one is there
      else { frame.image.remove(); frame.image = null; }
    }
    describe(frame);
  }

  function describe(frame) {
    const { node, scene, mark, picture } = frame;
    const words = film.words(scene), lacks = film.lacks(scene), bad = lacks || (scene.clear ? "" : words.split(", ").at(-1));
    if (node.getAttribute("aria-label") !== words) {
      node.setAttribute("aria-label", words);
      picture.title = words;
      if (frame.image) frame.image.alt = words;
    }
    node.dataset.caption = scene.date?.slice(0, 7) ?? "undated";
    node.classList.toggle("m-film-bad", !scene.clear);
    node.classList.toggle("m-film-lacking", Boolean(lacks));
    const short = scene.ready ? (film.failed.has(scene.key) ? "cannot be shown" : bad) : lacks.replace("image ", "");
    if (mark.textContent !== short) mark.textContent = short;
    if (short && !mark.isConnected) picture.append(mark);
    if (!short) mark.remove();
  }

  // The image is asked for when its frame is first shown.
  function fill(frame) {
    const { scene, picture } = frame;
    if (frame.image || !scene.ready || film.failed.has(scene.key)) return;
    frame.image = element("img", "", { alt: film.words(scene), loading: "lazy", decoding: "async", draggable: false, width: 128, height: 128, src: scene.thumb });
    frame.image.onerror = () => explain(frame, frame.scene.thumb);
    picture.prepend(frame.image);
  }

  // An <img> does not say why it failed: the server does, to who asks again.
  async function explain(frame, thumb) {
    const why = await fetch(thumb).then((answer) => (answer.ok ? "" : answer.text()), () => "the server does not answer: reload the page");
    if (frame.scene.thumb !== thumb || !frame.image) return;
    frame.image.remove();
    frame.image = null;
    film.failed.set(frame.scene.key, why.trim().replaceAll("\n", ". ") || "the image cannot be read: reload the page");
    describe(frame);
  }

  // ---- what is told ----------------------------------------------------------------------------------------------------------
  function told() {
    if (!root) return;
    const { scenes } = evidence;
    const same = scenes.length === frames.size && scenes.every((scene) => frames.has(scene.key));
    if (!same) rebuild(scenes);
    for (const scene of scenes) renew(frames.get(scene.key), scene);
    strip.hidden = !scenes.length;
    const empty = root.querySelector(".m-film-empty");
    empty.hidden = scenes.length > 0;
    empty.textContent = evidence.lake ? `No images of ${evidence.lake}. “python -m data stac” fetches some; or choose a lake that has images.` : "No lake in focus: the images of the one that you choose appear here.";
    root.classList.toggle("m-film-none", !scenes.length);
    moved();
    if (!same && scenes.length) wait();
    else place();
  }

  function rebuild(scenes) {
    const held = strip.contains(document.activeElement);
    frames.clear();
    film.failed.clear();
    at = before = null;
    for (const scene of scenes) frames.set(scene.key, made(scene));
    strip.replaceChildren(...[...frames.values()].map((frame) => frame.node));
    strip.scrollLeft = 0;
    if (held) setTimeout(() => (frames.get(evidence.at) ?? [...frames.values()][0])?.node.focus({ preventScroll: true }));
  }

  // Another lake's dates are shown when its plot is: until then its axis is the old lake's.
  function wait() {
    clearTimeout(waiting);
    strip.classList.add("m-film-waiting");
    waiting = setTimeout(place, PATIENCE);
  }

  // ---- the ring --------------------------------------------------------------------------------------------------------------
  function moved() {
    if (!root) return;
    const held = strip.contains(document.activeElement);
    const was = frames.get(at), is = frames.get(evidence.at), then = frames.get(before);
    at = evidence.at;
    before = evidence.before;
    if (was !== is || !was) {
      was?.node.classList.remove("m-film-at");
      was?.node.setAttribute("aria-selected", "false");
      is?.node.classList.add("m-film-at");
      is?.node.setAttribute("aria-selected", "true");
      for (const { node } of frames.values()) if (node.tabIndex === 0) node.tabIndex = -1;
      const first = is ?? frames.values().next().value;
      if (first) first.node.tabIndex = 0;
      if (held) is?.node.focus({ preventScroll: true });
    }
    then?.node.classList.remove("m-film-before");
    frames.get(before)?.node.classList.add("m-film-before");
    const order = [...frames.keys()].indexOf(at);
    root.querySelector(".m-film-date").textContent = is ? `${order + 1} of ${frames.size}` : "";
    for (const frame of new Set([was, then, is, frames.get(before)])) if (frame) show(frame);
    if (is && geometry?.even) reveal(is.node);
    rule();
    film.offer?.();
  }

  // Into sight, without smoothness: who plays through dates must not be carried about.
  function reveal(node) {
    const left = node.offsetLeft - 8, right = node.offsetLeft + node.offsetWidth + 8;
    if (left < strip.scrollLeft) strip.scrollLeft = left;
    else if (right > strip.scrollLeft + strip.clientWidth) strip.scrollLeft = right - strip.clientWidth;
  }

  // ---- places ----------------------------------------------------------------------------------------------------------------
  const plotted = () => document.querySelector(".m-series .m-plot-host")?.morainePlot?.plot;

  function measured() {
    const plot = plotted(), axis = plot?._fullLayout?.xaxis, up = plot?._fullLayout?.yaxis;
    if (!axis?._length || !strip.clientWidth) return null;
    const box = strip.getBoundingClientRect(), from = plot.getBoundingClientRect(), stage = lines.parentElement.getBoundingClientRect();
    const left = from.left - box.left + axis._offset;
    return {
      x: (year) => left + axis.l2p(year), left, right: left + axis._length, width: strip.clientWidth, shift: box.left - stage.left,
      top: from.top - stage.top + up._offset, foot: from.top - stage.top + up._offset + up._length, end: box.top - stage.top, even: false,
    };
  }

  function place() {
    if (!root) return;
    clearTimeout(waiting);
    strip.classList.remove("m-film-waiting");
    geometry = frames.size ? measured() : null;
    const all = [...frames.values()];
    for (const frame of all) frame.x = geometry && frame.scene.year !== null ? geometry.x(frame.scene.year) : null;
    const inside = all.filter(({ x }) => x !== null && x >= geometry.left - 1 && x <= geometry.right + 1);
    const tight = matchMedia("(pointer: coarse)").matches && inside.some(({ x }, place) => place && x - inside[place - 1].x < FINGER);
    const even = frames.size > 0 && (all.some(({ x }) => x === null) || tight);
    const turned = even !== strip.classList.contains("m-film-even");
    if (geometry) geometry.even = even;
    strip.classList.toggle("m-film-even", even);
    if (turned && even && frames.has(at)) reveal(frames.get(at).node);
    if (!even) align(all, inside);
    for (const frame of all) show(frame);
    for (const [side, away] of [["earlier", all.filter(({ x }) => x < geometry?.left - 1)], ["later", all.filter(({ x }) => x > geometry?.right + 1)]]) edge(side, even ? [] : away);
    rule();
  }

  // How much of each frame is seen: to the middle of its gap on both sides, at most all of it; those in too small a gap none.
  function align(all, inside) {
    const kept = thinned(inside);
    for (const frame of all) frame.left = frame.right = 0;
    kept.forEach((frame, place) => {
      const gaps = [kept[place - 1] ? frame.x - kept[place - 1].x : Infinity, kept[place + 1] ? kept[place + 1].x - frame.x : Infinity];
      [frame.left, frame.right] = gaps.map((gap) => Math.min(WIDE / 2, gap / 2 - 1));
    });
  }

  // Clear dates go before bad ones; otherwise the earlier stays. Not the date in focus, or every step would move frames.
  function thinned(inside) {
    const kept = [];
    for (const good of [true, false]) {
      for (const frame of inside) if ((frame.scene.clear && frame.scene.ready) === good && kept.every(({ x }) => Math.abs(x - frame.x) >= LEAST)) kept.push(frame);
    }
    return kept.sort((a, b) => a.x - b.x);
  }

  function show(frame) {
    const { node, scene, x } = frame, whole = scene.key === at || scene.key === before;
    if (!geometry || geometry.even) {
      node.style.transform = "";
      node.hidden = false;
      return fill(frame);
    }
    const away = x < geometry.left - 1 || x > geometry.right + 1;
    node.hidden = away && scene.key !== at;
    if (node.hidden) return;
    const half = WIDE / 2, middle = Math.min(Math.max(x, half), geometry.width - half);
    const [left, right] = whole ? [half, half] : [frame.left, frame.right];
    const folded = left + right === 0;
    node.style.transform = `translateX(${middle - half}px)`;
    frame.tick.style.left = `${half + x - middle}px`;
    frame.picture.style.clipPath = whole || folded ? "" : `inset(0 ${half - right}px 0 ${half - left}px round 2px)`;
    frame.mark.style.width = `${2 * Math.min(left, right)}px`;
    node.classList.toggle("m-film-away", away);
    node.classList.toggle("m-film-folded", folded);
    node.classList.toggle("m-film-narrow", Math.min(left, right) < 22);
    if (!folded) fill(frame);
  }

  function edge(side, away) {
    const button = root.querySelector(`.m-film-${side}`);
    button.hidden = !away.length;
    if (!away.length) return;
    const nearest = away.at(side === "earlier" ? -1 : 0);
    button.dataset.key = nearest.scene.key;
    button.textContent = side === "earlier" ? `‹ ${away.length}` : `${away.length} ›`;
    const words = `${away.length} ${side} ${away.length > 1 ? "dates" : "date"} outside the plot; go to ${nearest.scene.date}`;
    if (button.title !== words) { button.title = words; button.setAttribute("aria-label", words); }
  }

  // Lines through the plot at the dates in focus and before: elements above it, so that no figure is redrawn.
  function rule() {
    for (const [line, frame] of [[lines.firstChild, frames.get(at)], [lines.lastChild, at === before ? null : frames.get(before)]]) {
      const seen = frame?.x != null && geometry && frame.x >= geometry.left - 1 && frame.x <= geometry.right + 1 && !strip.classList.contains("m-film-waiting");
      line.hidden = !seen;
      if (seen) line.style.cssText = `left:${frame.x + geometry.shift}px;top:${geometry.top}px;height:${(geometry.even ? geometry.foot : geometry.end) - geometry.top}px`;
    }
  }

  // ---- listening -------------------------------------------------------------------------------------------------------------
  function keyed(event) {
    const by = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (by) film.step(by);
    else if (event.key === "Home" || event.key === "End") {
      const among = evidence.scenes.filter((scene) => scene.ready && (!film.skip || scene.clear));
      const end = among.at(event.key === "Home" ? 0 : -1);
      if (end) film.go(end.key);
    } else if (event.key === " ") film.toggle();
    else if (event.key === "Enter" && event.shiftKey) evidence.go(Number(event.target.dataset.key), { before: true });
    else return;
    event.preventDefault();
  }

  // The plot is drawn, zoomed and resized by others.
  function follow(series) {
    let followed = null;
    const look = () => {
      const plot = plotted();
      if (plot?.on && plot !== followed) {
        followed = plot;
        plot.on("plotly_afterplot", place);
        plot.on("plotly_relayouting", () => requestAnimationFrame(place));
      }
      place();
    };
    new MutationObserver(look).observe(series, { attributes: true, attributeFilter: ["data-drawn"], subtree: true });
    new ResizeObserver(() => place()).observe(strip.parentElement);
    look();
  }

  document.addEventListener("DOMContentLoaded", () => {
    root = document.querySelector(".m-filmstrip-body");
    if (!root) return;
    strip = root.querySelector(".m-film-strip");
    lines = root.parentElement.appendChild(element("div", "m-film-lines"));
    lines.append(element("div", "m-film-now", { hidden: true }), element("div", "m-film-then", { hidden: true }));
    strip.addEventListener("keydown", keyed);
    strip.addEventListener("click", (event) => {
      const node = event.target.closest(".m-film-frame");
      if (!node) return;
      if (!event.shiftKey) node.focus({ preventScroll: true });
      film.go(Number(node.dataset.key), { before: event.shiftKey });
    });
    follow(root.closest(".m-series"));
    document.addEventListener("moraine-evidence", told);
    document.addEventListener("moraine-at", moved);
    told();
  });
})();
