// The scrubber of the Lens page: a slider over the epochs, to step and to play through.
(() => {
  const { lens } = moraine;
  let page = null, root = null, slider = null, running = null, speed = 4;

  const last = () => lens.epochs.length - 1;

  // Each epoch stands for its time, and none is left out: a browser that is slow plays slower.
  function run(mine) {
    let due = performance.now();
    const frame = (now) => {
      if (running !== mine) return;
      if (now >= due) {
        if (lens.index >= last()) return pause();
        due = Math.max(due + 1000 / speed, now);
        lens.go(lens.index + 1);
      }
      requestAnimationFrame(frame);
    };
    requestAnimationFrame(frame);
  }

  lens.play = () => {
    if (running || last() < 1) return;
    if (lens.index >= last()) lens.go(0);
    running = {};
    run(running);
    say();
  };
  lens.pause = pause;
  lens.playing = () => Boolean(running);

  function pause() {
    running = null;
    say();
  }

  const toggle = () => (running ? pause() : lens.play());

  function say() {
    const play = root.querySelector("[data-lens-does=play]");
    lens.write(play, running ? "❚❚" : "▶");
    play.setAttribute("aria-label", running ? "Pause" : "Play the epochs");
    for (const each of root.querySelectorAll("button, input")) each.disabled = last() < 1;
    slider.max = String(Math.max(last(), 0));
    slider.value = String(lens.index);
    const words = lens.epoch === null ? "This lens kept no epochs" : `epoch ${lens.epoch} of ${lens.epochs.at(-1)}`;
    slider.setAttribute("aria-valuetext", [words, lens.words[lens.index]].filter(Boolean).join(", "));
    lens.write(root.querySelector(".m-lens-epoch"), words);
    lens.write(root.querySelector(".m-lens-epoch-words"), lens.words[lens.index] ?? "");
  }

  // Arrow keys step wherever they have no other meaning.
  const BUSY = "input, select, textarea, [contenteditable], [role=tab], [role=application], [role=slider], [role=listbox], [role=radio], [role=menu], .m-plot, .selectize-control";
  function key(event) {
    const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!by || event.defaultPrevented || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
    if (!page.offsetParent || event.target.closest?.(BUSY) || document.querySelector(".modal.show")) return;
    event.preventDefault();
    pause();
    lens.step(by);
  }

  function listen() {
    root.addEventListener("click", (event) => {
      const button = event.target.closest("button");
      if (!button) return;
      if (button.dataset.lensDoes === "play") return toggle();
      pause();
      lens.step(Number(button.dataset.lensBy));
    });
    slider.addEventListener("input", () => {
      const index = Number(slider.value); // first: pausing puts the slider where the epoch is
      pause();
      lens.go(index);
    });
    slider.addEventListener("keydown", (event) => {
      if (event.key !== " ") return;
      event.preventDefault();
      toggle();
    });
    const chosen = root.querySelector("select");
    speed = Number(chosen.value);
    chosen.addEventListener("change", () => { speed = Number(chosen.value); });
    document.addEventListener("keydown", key);
    for (const name of ["moraine-lens-epoch", "moraine-lens-told"]) document.addEventListener(name, say);
    document.addEventListener("moraine-lens-told", ({ detail }) => { if (detail.anew) pause(); });
    document.addEventListener("visibilitychange", () => { if (document.hidden) pause(); });
    document.addEventListener("shown.bs.tab", () => { if (!page.offsetParent) pause(); });
  }

  document.addEventListener("DOMContentLoaded", () => {
    page = document.querySelector(".m-lens");
    root = page?.querySelector(".m-lens-scrubber");
    if (!root) return;
    slider = root.querySelector("input[type=range]");
    listen();
    say();
  });
})();
