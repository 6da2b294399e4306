// The focus lake's images, for every view that draws them: which there are, which is in focus, and their bytes, fetched once.
// Listen on document: "moraine-evidence" (another lake, other images or another look) and "moraine-at" (another date). Read
// moraine.evidence.{lake, others (whether any lake has images), scenes, look, layers, passing (the threshold is on the move), at, before}; go with moraine.evidence.go(key). Keys are of scenes.
(() => {
  const HELD = 128 * 2 ** 20; // bytes of decoded images and answers kept: 128 images of 512 × 512 px
  const FIRST = 400; // ms that other views wait at most for the image of a lake that has just come into focus
  const LATER = 200; // ms without another step before the server is told: a flipbook must not flood it
  const kept = new Map();
  const heard = {}, sent = {}; // of `at` and `before`: the server's last word, and ours that it has not answered yet
  const timers = {};
  let told = 0, first = null;

  // The server's word is news unless it repeats itself or answers what was sent while the page has gone on: then the page's own choice stays.
  function settled(name, key) {
    const known = key === heard[name] || key === sent[name];
    heard[name] = key;
    if (key === sent[name]) delete sent[name];
    return known && evidence.scene(evidence[name]) ? evidence[name] : key;
  }

  // With a number, so that the same choice made again, after the server went elsewhere, is heard as well.
  function tellServer(name, key) {
    if (!evidence.scene(key)) return; // another lake has come meanwhile
    if (key !== heard[name]) sent[name] = key;
    Shiny.setInputValue(`${evidence.inputs}${name}`, [key, ++told], { priority: "event" });
  }

  function once(url, read) {
    const id = `${read.name} ${url}`;
    const held = kept.get(id);
    if (held) { kept.delete(id); kept.set(id, held); return held.made; } // the newest last
    const entry = { bytes: 0, made: null };
    entry.made = fetch(url).then(async (answer) => {
      if (!answer.ok) throw new Error(await answer.text());
      const [made, bytes] = await read(answer);
      if (kept.get(id) === entry) hold(entry, bytes);
      return made;
    });
    entry.made.catch(() => kept.delete(id)); // what is not there yet may come
    kept.set(id, entry);
    return entry.made;
  }

  function hold(entry, bytes) {
    entry.bytes = bytes;
    for (let total = [...kept.values()].reduce((sum, each) => sum + each.bytes, 0); total > HELD;) {
      const [oldest, { bytes: freed }] = kept.entries().next().value;
      kept.delete(oldest);
      total -= freed;
    }
  }

  async function bitmap(answer) {
    const made = await createImageBitmap(await answer.blob());
    return [made, 4 * made.width * made.height];
  }

  async function json(answer) {
    const text = await answer.text();
    return [JSON.parse(text), 4 * text.length];
  }

  // The image is what a click was for: plots that would be drawn beside it wait for it.
  function imageFirst() {
    if (!evidence.scene()?.ready) return;
    const mine = new Promise((done) => {
      document.addEventListener("moraine-scene-painted", done, { once: true });
      setTimeout(done, FIRST);
    });
    first = mine;
    mine.then(() => { if (first === mine) first = null; });
  }

  const evidence = {
    get settled() { return first ?? Promise.resolve(); }, // Promise: the image of the lake in focus is painted, or late
    lake: "", others: false, scenes: [], layers: [], look: {}, passing: false, at: null, before: null, simulated: false, lost: false, inputs: "",
    image: (url) => once(url, bitmap), // Promise of an ImageBitmap; rejects with what the server says, in words for a person
    json: (url) => once(url, json),
    scene: (key = evidence.at) => evidence.scenes.find((scene) => scene.key === key),
    // Why there is nothing to see of a date; empty where there is.
    lacks: (scene) => (scene.ready ? "" : scene.leftOut ? "not in this pack" : evidence.lost ? "out of reach" : evidence.simulated ? "not made yet" : "file missing"),
    seek: () => Shiny.setInputValue(`${evidence.inputs}seek`, ++told, { priority: "event" }), // the next lake that has images
    // By how many steps, skipping what cannot be seen if asked to; round the end.
    beside(by, skip = true) {
      const among = evidence.scenes.filter((scene) => scene.key === evidence.at || (scene.ready && (!skip || scene.clear)));
      const here = among.findIndex((scene) => scene.key === evidence.at);
      return among.length ? among[(((here + by) % among.length) + among.length) % among.length].key : null;
    },
    go(key, { before = false, tell = true } = {}) {
      if (key === null || !evidence.scene(key)) return;
      const name = before ? "before" : "at";
      const other = evidence[name] !== key;
      evidence[name] = key;
      if (other) document.dispatchEvent(new CustomEvent("moraine-at"));
      clearTimeout(timers[name]);
      if (tell) timers[name] = setTimeout(() => tellServer(name, key), LATER);
    },
    // All that is drawn of a date. Rejects where its image fails; what lies over it may fail, and the scene view says so.
    whole: (scene) => Promise.all([
      evidence.image(scene.image),
      ...[scene.ground, ...Object.values(scene.masks).map((mask) => mask.rings)].map((url) => evidence.json(url).catch(() => null)),
      ...(evidence.look.relief && scene.relief ? [evidence.image(scene.hillshade).catch(() => null)] : []),
    ]),
    // The images on both sides of the one in focus, so that a step finds them here.
    prefetch(reach = 2) {
      for (let by = 1; by <= reach; by++) for (const key of [evidence.beside(by), evidence.beside(-by)]) {
        const scene = evidence.scene(key);
        if (scene?.ready) evidence.whole(scene).catch(() => {});
      }
    },
  };
  moraine.evidence = evidence;

  document.addEventListener("DOMContentLoaded", () => {
    Shiny.addCustomMessageHandler("moraine-evidence", (said) => {
      const { at, before, lake } = evidence, ready = (scenes) => scenes.filter((scene) => scene.ready).length;
      // More images of the lake have come: its stretch is another one, and so are its pictures.
      if (said.lake === evidence.lake && ready(said.scenes) !== ready(evidence.scenes)) kept.clear();
      Object.assign(evidence, said, { at, before });
      Object.assign(evidence, { at: settled("at", said.at), before: settled("before", said.before) });
      if (said.lake !== lake) imageFirst();
      document.dispatchEvent(new CustomEvent("moraine-evidence"));
    });
    Shiny.addCustomMessageHandler("moraine-at", (said) => {
      const at = settled("at", said.at), before = settled("before", said.before);
      if (at === evidence.at && before === evidence.before) return;
      Object.assign(evidence, { at, before });
      document.dispatchEvent(new CustomEvent("moraine-at"));
    });
  });
})();
