// Playing the filmstrip: a date is shown when its time has come and its image is decoded, whichever is later.
(() => {
  const { evidence, film } = moraine;
  const AHEAD = 2; // s of images that are fetched before they are due
  const LATE = 50; // ms: a date later than this does not hurry those after it
  const broken = new Set(); // keys of images that failed, until there is news
  let running = null; // what stands for this run; another one or null ends it
  let speed = 2, loop = true, shown = null;

  const seen = (scene) => scene.ready && (!film.skip || scene.clear);

  // Dates in the order in which they will come, the one in focus left out.
  function coming() {
    const among = evidence.scenes.filter((scene) => scene.key === evidence.at || (seen(scene) && !broken.has(scene.key)));
    const here = among.findIndex((scene) => scene.key === evidence.at);
    return [...among.slice(here + 1), ...(loop ? among.slice(0, Math.max(here, 0)) : [])];
  }

  const until = (due) => new Promise((done) => setTimeout(done, Math.max(0, due - performance.now())));

  // The next date whose image can be shown, null where there is none.
  async function next() {
    const ahead = coming();
    for (const scene of ahead.slice(0, Math.ceil(AHEAD * speed) + 1)) evidence.whole(scene).catch(() => {});
    for (const scene of ahead) {
      try {
        await evidence.whole(scene);
        return scene.key;
      } catch {
        broken.add(scene.key); // the next one, then; gone to by hand, the scene view says what is wrong with this one
      }
    }
    return null;
  }

  async function run(mine) {
    let last = performance.now();
    while (running === mine) {
      const key = await next(), due = last + 1000 / speed;
      await until(due);
      if (running !== mine) return;
      if (key === null) {
        film.pause();
        return;
      }
      last = performance.now() - due < LATE ? due : performance.now();
      shown = key;
      // The server is told where it ends, not of every date on the way.
      evidence.go(key, { tell: false });
    }
  }

  film.play = () => {
    if (running || !film.playable()) return;
    if (!loop && !coming().length) evidence.go(evidence.scenes.find(seen).key, { tell: false });
    shown = evidence.at;
    running = {};
    run(running);
    say();
  };
  film.pause = ({ tell = true } = {}) => {
    if (!running) return;
    running = null;
    evidence.go(evidence.at, { tell });
    say();
  };
  film.toggle = () => (running ? film.pause() : film.play());
  film.playing = () => Boolean(running);
  film.playable = () => evidence.scenes.filter(seen).length > 1;

  function say() {
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
    let lake = "", there = "";
    document.addEventListener("moraine-evidence", () => {
      const was = [lake, there];
      lake = evidence.scenes.map((scene) => scene.key).join();
      there = evidence.scenes.map((scene) => scene.ready && scene.image).join();
      if (there !== was[1]) broken.clear();
      if (lake !== was[0]) film.pause({ tell: false });
      else if (!film.playable()) film.pause();
    });
    document.addEventListener("moraine-at", () => { if (running && evidence.at !== shown) film.pause(); }); // somebody chose a date
    document.addEventListener("visibilitychange", () => { if (document.hidden) film.pause(); });
  });
})();
