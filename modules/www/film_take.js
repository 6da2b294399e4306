// What the filmstrip offers beside dates: a larger look at the one under the pointer, the date before, nested outlines, files.
(() => {
  const { evidence, film } = moraine;
  const BRIEF = 5000; // ms that good news stays
  const REST = 150; // ms that the pointer rests on a frame before it is shown large
  let root, peek, resting, fading, presses = 0, making = null;

  // ---- under the pointer -----------------------------------------------------------------------------------------------------
  function look(node) {
    const frame = film.frames.get(Number(node.dataset.key));
    if (!frame || !node.isConnected) return;
    const image = frame.image?.complete && frame.image.naturalWidth ? [Object.assign(document.createElement("img"), { src: frame.image.src, alt: "", width: 144, height: 144 })] : [];
    const said = document.createElement("div");
    said.textContent = film.words(frame.scene).replaceAll(", ", " · ");
    peek.replaceChildren(...image, said);
    peek.hidden = false;
    const box = root.parentElement.getBoundingClientRect(), at = node.getBoundingClientRect();
    const left = Math.min(Math.max(at.left + at.width / 2 - box.left - peek.offsetWidth / 2, 0), box.width - peek.offsetWidth);
    peek.style.transform = `translate(${left}px, ${at.top - box.top - peek.offsetHeight}px)`;
  }

  function leave() {
    clearTimeout(resting);
    peek.hidden = true;
  }

  function hovered(event) {
    const node = event.pointerType === "mouse" && event.target.closest?.(".m-film-frame");
    leave();
    if (node) resting = setTimeout(() => look(node), REST);
  }

  // ---- files -----------------------------------------------------------------------------------------------------------------
  // A lake's name as part of a file's name, and that it is no real one.
  function fileName(what, end) {
    const lake = evidence.lake.normalize("NFC").toLowerCase().replace(/[^\p{L}\p{N}]+/gu, "-").replace(/^-+|-+$/g, "") || "lake";
    return `moraine${evidence.simulated ? "-simulated" : ""}-${lake}-${what}.${end}`;
  }

  function offered() {
    const at = evidence.scene(), before = evidence.scene(evidence.before);
    const clear = evidence.scenes.filter((scene) => scene.ready && scene.clear);
    const pair = at?.ready && before?.ready && at !== before;
    return {
      gif: evidence.flipbook && { url: evidence.flipbook, what: "the flipbook", name: fileName(`flipbook-${clear[0]?.date}-to-${clear.at(-1)?.date}`, "gif") },
      pair: pair && {
        url: evidence.pair.replace("/pair/BEFORE/AFTER/", `/pair/${before.key}/${at.key}/`),
        what: "the pair", name: fileName(`${before.date ?? before.key}-and-${at.date ?? at.key}`, "png"),
      },
    };
  }

  // Asked of the server as it is now: while images are still being made, a flipbook kept from before would lack the newest.
  async function take(kind) {
    const wanted = offered()[kind];
    if (!wanted || making) return;
    making = kind;
    film.offer();
    say(`making ${wanted.what}…`);
    try {
      const answer = await fetch(wanted.url, { cache: "no-cache" });
      if (!answer.ok) throw new Error((await answer.text()).trim().replaceAll("\n", ". "));
      const link = document.createElement("a");
      link.href = URL.createObjectURL(await answer.blob());
      link.download = wanted.name;
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
      making = null;
      say(`saved ${wanted.what}`);
    } catch (error) {
      const why = error instanceof TypeError ? "the server does not answer: try again, or reload the page" : error.message;
      say(`${wanted.what} could not be made: ${why}`, true);
    } finally {
      making = null;
      film.offer();
    }
  }

  function say(words, refused = false) {
    const said = root.querySelector(".m-film-said");
    clearTimeout(fading);
    if (!refused && !making) fading = setTimeout(() => { said.textContent = ""; }, BRIEF);
    said.textContent = words;
    said.classList.toggle("m-refused", refused);
  }

  // ---- which buttons have something to do ------------------------------------------------------------------------------------
  const button = (does) => root.querySelectorAll(`[data-film=${does}]`);

  function enable(does, on) {
    for (const each of button(does)) if (each.disabled === on) each.disabled = !on;
  }

  film.offer = () => {
    if (!root) return;
    const can = offered();
    enable("step", film.playable() || evidence.beside(1, film.skip) !== evidence.at);
    enable("play", film.playable());
    for (const does of ["loop", "skip", "nested"]) enable(does, evidence.scenes.length > 0);
    enable("before", evidence.at !== null && evidence.at !== evidence.before);
    enable("gif", Boolean(can.gif) && !making);
    enable("pair", Boolean(can.pair) && !making);
  };

  document.addEventListener("DOMContentLoaded", () => {
    root = film.root;
    if (!root) return;
    peek = root.parentElement.appendChild(Object.assign(document.createElement("div"), { className: "m-film-peek", hidden: true }));
    film.strip.addEventListener("pointerover", hovered);
    film.strip.addEventListener("pointerleave", leave);
    film.strip.addEventListener("pointerdown", leave);
    document.addEventListener("moraine-evidence", () => {
      const nested = String(evidence.look.outlines === "nested");
      for (const each of button("nested")) each.setAttribute("aria-pressed", nested);
      film.offer();
    });
    let lake = "";
    document.addEventListener("moraine-evidence", () => {
      if (evidence.lake !== lake) { say(""); leave(); }
      lake = evidence.lake;
    });
    root.addEventListener("click", (event) => {
      const pressed = event.target.closest("button"), does = pressed?.dataset.film;
      if (does === "gif" || does === "pair") take(does);
      if (does === "before") evidence.go(evidence.at, { before: true });
      if (does === "nested") Shiny.setInputValue(root.id.replace(/root$/, "nested"), [pressed.getAttribute("aria-pressed") !== "true", ++presses], { priority: "event" });
    });
    film.offer();
  });
})();
