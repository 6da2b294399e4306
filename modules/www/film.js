// The filmstrip: every date of the focus lake, a frame each. Frames stay while the lake does: a step moves the ring, news changes
// only what is new. Where frames stand is in film_place.js, playing in film_play.js, previews and files in film_take.js.
(() => {
  const { evidence } = moraine;
  const frames = new Map(); // key → frame, in date order
  const count = document.createTextNode("");
  let root, strip, at = null, before = null, ready = 0;

  const film = {
    frames, skip: true, failed: new Map(), // key → {status, why} of a thumbnail that cannot be shown
    get root() { return root; },
    get strip() { return strip; },
    get at() { return at; },
    get before() { return before; },
    // A date in words; the last part says what is wrong with it.
    words: (scene) => [scene.date ?? "undated", scene.sensor || "sensor not stated", fault(scene) || "clear"].join(", "),
    step(by) {
      const key = evidence.beside(by, film.skip);
      if (key !== null) film.go(key);
    },
    go(key, options) {
      film.pause();
      evidence.go(key, options);
    },
  };
  moraine.film = film;

  film.element = (tag, className, properties = {}) => Object.assign(document.createElement(tag), { className, ...properties });
  const { element } = film;

  const { lacks } = evidence;
  const reason = (scene) => (["", "ok"].includes(scene.reason) ? "" : scene.reason.replaceAll("_", " "));
  const partly = (scene) => (scene.share === null ? "" : `${Math.round(100 * scene.share)} % of it seen`);
  const fault = (scene) => lacks(scene) || film.failed.get(scene.key)?.why || (scene.clear ? "" : reason(scene) || partly(scene) || "no date");

  // ---- frames ----------------------------------------------------------------------------------------------------------------
  function made(scene) {
    const node = element("div", "m-film-frame", { tabIndex: -1 });
    node.setAttribute("role", "option");
    node.setAttribute("aria-selected", "false");
    node.dataset.key = scene.key;
    const frame = { node, tick: element("span", "m-film-tick"), picture: element("div", "m-film-picture"), mark: element("span", "m-film-mark"), image: null, x: null };
    node.append(frame.tick, frame.picture);
    return frame;
  }

  function renew(frame, scene) {
    const other = frame.scene?.thumb !== scene.thumb || frame.scene?.ready !== scene.ready;
    frame.scene = scene;
    if (other) film.failed.delete(scene.key);
    if (other && frame.image) {
      if (scene.ready) frame.image.src = scene.thumb; // the old one is seen until the new one is there
      else drop(frame);
    }
    describe(frame);
  }

  function drop(frame) {
    frame.image?.remove();
    frame.image = null;
  }

  function describe(frame) {
    const { node, scene, mark, picture } = frame, words = film.words(scene);
    if (node.getAttribute("aria-label") !== words) {
      node.setAttribute("aria-label", words);
      picture.title = words;
      if (frame.image) frame.image.alt = words;
    }
    node.dataset.caption = scene.date?.slice(0, 7) ?? "undated";
    node.classList.toggle("m-film-bad", !scene.clear);
    node.classList.toggle("m-film-lacking", !scene.ready || film.failed.has(scene.key));
    const short = film.failed.has(scene.key) ? "cannot be shown" : fault(scene);
    if (mark.textContent !== short) mark.textContent = short;
    if (short && !mark.isConnected) picture.append(mark);
    if (!short) mark.remove();
  }

  // The image is asked for when its frame is first seen: a thumbnail of another lake must not go before that lake's image.
  film.fill = (frame) => {
    const { scene, picture } = frame;
    if (frame.image || !scene.ready || strip.classList.contains("m-film-waiting") || film.failed.has(scene.key)) return;
    frame.image = element("img", "", { alt: film.words(scene), loading: "lazy", decoding: "async", draggable: false, width: 128, height: 128 });
    frame.image.onerror = () => explain(frame, frame.scene.thumb);
    frame.image.src = scene.thumb;
    picture.prepend(frame.image);
  };

  // An <img> does not say why it failed: the server does, to who asks again.
  async function explain(frame, thumb) {
    let status = 0, why = "the server does not answer: reload the page";
    try {
      const answer = await fetch(thumb);
      status = answer.status;
      why = answer.ok ? "the image cannot be read: reload the page" : (await answer.text()).trim().replaceAll("\n", "; ");
    } catch { /* said already */ }
    if (frame.scene.thumb !== thumb || !frame.image) return;
    drop(frame);
    film.failed.set(frame.scene.key, { status, why });
    describe(frame);
  }

  // ---- what is told ----------------------------------------------------------------------------------------------------------
  function told() {
    const { scenes } = evidence;
    const same = scenes.length === frames.size && scenes.every((scene) => frames.has(scene.key));
    if (!same) rebuild(scenes);
    const there = scenes.filter((scene) => scene.ready).length;
    if (there !== ready) for (const [key, { status }] of film.failed) if (status === 404) film.failed.delete(key); // what was not there may have come
    ready = there;
    for (const scene of scenes) renew(frames.get(scene.key), scene);
    strip.hidden = !scenes.length;
    const empty = root.querySelector(".m-film-empty");
    empty.hidden = scenes.length > 0;
    const none = evidence.lake ? `No images of ${evidence.lake}: no dates to step through. The scene view says how to get some.` : "No lake in focus: the dates of the one that you choose appear here.";
    if (empty.textContent !== none) empty.textContent = none;
    moved();
    film.place(!same && scenes.length > 0);
  }

  function rebuild(scenes) {
    const held = strip.contains(document.activeElement);
    frames.clear();
    film.failed.clear();
    at = before = null;
    strip.classList.add("m-film-waiting");
    scenes.forEach((scene, place) => {
      const frame = made(scene);
      frame.node.setAttribute("aria-posinset", place + 1); // zooming hides some
      frame.node.setAttribute("aria-setsize", scenes.length);
      frames.set(scene.key, frame);
    });
    strip.replaceChildren(...[...frames.values()].map((frame) => frame.node));
    strip.scrollLeft = 0;
    if (held) setTimeout(() => (frames.get(evidence.at) ?? [...frames.values()][0])?.node.focus({ preventScroll: true }));
  }

  // ---- the ring --------------------------------------------------------------------------------------------------------------
  function moved() {
    const held = strip.contains(document.activeElement);
    const was = frames.get(at), is = frames.get(evidence.at), then = frames.get(before), now = frames.get(evidence.before);
    ({ at, before } = evidence);
    if (was !== is) {
      was?.node.classList.remove("m-film-at");
      was?.node.setAttribute("aria-selected", "false");
      is?.node.classList.add("m-film-at");
      is?.node.setAttribute("aria-selected", "true");
    }
    if (then !== now) {
      then?.node.classList.remove("m-film-before");
      now?.node.classList.add("m-film-before");
    }
    const stop = is ?? frames.values().next().value; // where Tab comes in
    for (const { node } of frames.values()) if ((node === stop.node) !== (node.tabIndex === 0)) node.tabIndex = node === stop.node ? 0 : -1;
    if (held && is && document.activeElement !== is.node) is.node.focus({ preventScroll: true });
    // The text within its node: a new node would have the page's :has() rules looked at again, 2 ms a step.
    count.data = is ? `${[...frames.keys()].indexOf(at) + 1} of ${frames.size}` : "";
    film.shift(new Set([was, is, then, now].filter(Boolean)));
    film.offer();
  }

  // ---- keys and presses ------------------------------------------------------------------------------------------------------
  function keyed(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const by = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (by) film.step(by);
    else if (event.key === "Home" || event.key === "End") {
      const end = evidence.scenes.filter((scene) => scene.ready && (!film.skip || scene.clear)).at(event.key === "Home" ? 0 : -1);
      if (end) film.go(end.key);
    } else if (event.key === " ") film.toggle();
    else if (event.key === "Enter") film.go(Number(event.target.dataset.key), { before: event.shiftKey });
    else return;
    event.preventDefault();
  }

  function pressed(event) {
    const node = event.target.closest(".m-film-frame");
    if (!node) return;
    if (!event.shiftKey) node.focus({ preventScroll: true });
    film.go(Number(node.dataset.key), { before: event.shiftKey });
  }

  document.addEventListener("DOMContentLoaded", () => {
    root = document.querySelector(".m-filmstrip-body");
    if (!root) return;
    strip = root.querySelector(".m-film-strip");
    root.querySelector(".m-film-date").append(count);
    film.settle();
    strip.addEventListener("keydown", keyed);
    strip.addEventListener("click", pressed);
    document.addEventListener("moraine-evidence", () => evidence.settled.then(told));
    document.addEventListener("moraine-at", moved);
    told();
  });
})();
