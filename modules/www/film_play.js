// Playing the filmstrip: a date is shown when its time has come and its image is decoded, whichever is later.
(() => {
  const { evidence, film } = moraine;
  const AHEAD = 2; // s of images that are fetched before they are due
  let running = null; // what stands for this run; another one or null ends it
  let speed = 2, loop = true, shown = null;

  // All that the scene draws of a date. A mask that fails is the scene's to tell; an image that fails is passed over.
  const images = (scene) => Promise.all([
    evidence.image(scene.image),
    ...Object.values(scene.masks).map((mask) => evidence.image(mask.fill).catch(() => null)),
    ...(evidence.look.relief && scene.relief ? [evidence.image(scene.hillshade).catch(() => null)] : []),
  ]);

  // Dates in the order in which they will come, the one in focus left out.
  function coming() {
    const among = evidence.scenes.filter((scene) => scene.ready && (!film.skip || scene.clear || scene.key === evidence.at));
    const here = among.findIndex((scene) => scene.key === evidence.at);
    return [...among.slice(here + 1), ...(loop ? among.slice(0, Math.max(here, 0)) : [])];
  }

  const until = (due) => new Promise((done) => setTimeout(done, Math.max(0, due - performance.now())));

  // The next date whose image can be shown, null where there is none.
  async function next() {
    const ahead = coming();
    for (const scene of ahead.slice(0, Math.ceil(AHEAD * speed) + 1)) images(scene).catch(() => {});
    for (const scene of ahead) {
      try {
        await images(scene);
        return scene.key;
      } catch { /* the next one, then; its frame and the scene say what is wrong with this one */ }
    }
    return null;
  }

  async function run(mine) {
    let due = performance.now();
    while (running === mine) {
      due = Math.max(due + 1000 / speed, performance.now()); // a date that came late does not hurry those after it
      const key = await next();
      await until(due);
      if (running !== mine) return;
      if (key === null) return film.pause();
      shown = key;
      // The server is told where it ends, not of every date on the way.
      evidence.go(key, { tell: false });
    }
  }

  film.play = () => {
    if (running || !film.playable()) return;
    if (!loop && !coming().length) {
      const first = evidence.scenes.find((scene) => scene.ready && (!film.skip || scene.clear));
      evidence.go(first.key, { tell: false });
    }
    shown = evidence.at;
    running = {};
    run(running);
    tell();
  };
  film.pause = () => {
    if (!running) return;
    running = null;
    evidence.go(evidence.at);
    tell();
  };
  film.toggle = () => (running ? film.pause() : film.play());
  film.playing = () => Boolean(running);
  film.playable = () => evidence.scenes.filter((scene) => scene.ready && (!film.skip || scene.clear)).length > 1;

  function tell() {
    const button = film.root.querySelector("[data-film=play]");
    button.textContent = running ? "❚❚" : "▶";
    button.setAttribute("aria-label", running ? "Pause" : "Play");
    film.root.classList.toggle("m-film-playing", Boolean(running));
  }

  function switched(button) {
    const on = button.getAttribute("aria-pressed") !== "true";
    button.setAttribute("aria-pressed", String(on));
    return on;
  }

  document.addEventListener("DOMContentLoaded", () => {
    const { root } = film;
    if (!root) return;
    root.addEventListener("click", (event) => {
      const button = event.target.closest("button");
      const does = button?.dataset.film;
      if (does === "play") film.toggle();
      if (does === "step") film.step(Number(button.dataset.by));
      if (does === "edge") film.go(Number(button.dataset.key));
      if (does === "loop") loop = switched(button);
      if (does === "skip") { film.skip = switched(button); film.offer(); }
    });
    const chosen = root.querySelector(".m-film-speed");
    speed = Number(chosen.value);
    chosen.addEventListener("change", () => { speed = Number(chosen.value); });
    let lake = null;
    document.addEventListener("moraine-evidence", () => {
      const keys = evidence.scenes.map((scene) => scene.key).join();
      if (keys !== lake || !film.playable()) film.pause();
      lake = keys;
    });
    document.addEventListener("moraine-at", () => { if (running && evidence.at !== shown) film.pause(); }); // somebody chose a date
    document.addEventListener("visibilitychange", () => { if (document.hidden) film.pause(); });
  });
})();
