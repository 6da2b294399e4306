// What the scene view says: caption, legend, dates to choose from, scale, and what there is instead of a picture.
(() => {
  const NO_LAKE = "No lake in focus. Click one in the volcano, the map or the table, or press › above.";
  const { element } = moraine;
  const reason = (code) => ({ "": "", ok: "clear", partial: "partly seen", empty: "empty mask" })[code] ?? code.replaceAll("_", " ");
  const share = (scene) => (scene.share === null ? "" : `${Math.round(scene.share * 100)} % of the lake seen`);
  const sentence = (text) => text && text[0].toUpperCase() + text.slice(1) + (/[.!?…]$/.test(text) ? "" : ".");
  const day = (scene) => scene.date ?? "no date";

  // A date that is held against another one, in a line.
  const facts = (scene) => [day(scene), scene.sensor, share(scene), scene.clear ? "" : reason(scene.reason)].filter(Boolean).join(" · ");

  function caption(frame, { simulated, layers }) {
    const { scene } = frame;
    const absent = layers.filter((source) => scene.ready && !scene.masks[source]).map((source) => `no mask by ${source} on this date`);
    const notes = [...absent, ...frame.notes];
    const how = [share(scene), share(scene) && scene.clear ? "" : reason(scene.reason), simulated ? "simulated" : ""].filter(Boolean).join(" · ");
    const areas = Object.entries(scene.areas).map(([source, words]) => `${words}, ${source}`);
    const lines = [element("strong", { textContent: day(scene) }), scene.sensor, how, ...areas];
    return [...lines.filter(Boolean).map((line) => element("span", {}, line)), ...notes.map((note) => element("span", { className: "m-scene-note" }, note))];
  }

  // One entry a kind of mark: {kind: a class of scene.css, colour, other, words, ends}.
  function legend(entries) {
    return entries.map(({ kind, colour, other, words, ends }) => {
      const mark = element("span", { className: `m-scene-mark m-scene-mark-${kind}`, ariaHidden: "true" });
      mark.style.setProperty("--colour", colour);
      mark.style.setProperty("--other", other ?? colour);
      return element("li", {}, ...(ends ? [element("span", {}, ends[0]), mark, element("span", {}, ends[1])] : [mark]), element("span", { textContent: words }));
    });
  }

  function options(scenes, chosen) {
    const days = scenes.map(day);
    return scenes.map((scene, place) => {
      const twin = days.indexOf(days[place]) !== days.lastIndexOf(days[place]) && scene.sensor;
      const why = moraine.evidence.lacks(scene) || (scene.clear ? "" : reason(scene.reason) === "clear" ? share(scene) : reason(scene.reason));
      const words = [day(scene), twin, why].filter(Boolean).join(" · ");
      return element("option", { value: String(scene.key), textContent: words, selected: scene.key === chosen });
    });
  }

  // What the picture shows, for those who do not see it.
  function described(frame, { lake, simulated, layers }) {
    const masks = frame.masks.map((mask) => mask.source);
    const absent = layers.filter((source) => !masks.includes(source));
    return [
      `${lake}, ${day(frame.scene)}`, frame.scene.sensor, share(frame.scene), reason(frame.scene.reason),
      masks.length ? `water by ${masks.join(" and ")}` : "no mask", absent.length ? `no mask of ${absent.join(" and ")} for this date` : "",
      simulated ? "simulated" : "",
    ].filter(Boolean).join(", ");
  }

  // The longest of 1, 2, 5 × 10ⁿ that takes at most `most` CSS px.
  function scaleBar(perUnit, most) {
    const longest = most / perUnit, power = 10 ** Math.floor(Math.log10(longest));
    const length = [5, 2, 1].find((step) => step * power <= longest) * power;
    return { length, width: length * perUnit };
  }
  function scaleWords(length, metres) {
    if (!metres) return `${length} px (pixel size not known)`;
    return length >= 1000 ? `${length / 1000} km` : `${length} m`;
  }

  const code = (text) => element("code", { textContent: text });
  function nothing(evidence) {
    const seek = element("button", { type: "button", className: "btn btn-sm m-button", textContent: "Next lake with images", onclick: evidence.seek });
    const others = evidence.others ? [seek] : [];
    if (!evidence.lake) return [element("p", { textContent: NO_LAKE }), ...others];
    if (evidence.simulated) {
      return [
        element("p", { textContent: `${evidence.lake} has no images: they are simulated for some of the lakes only.` }), ...others,
        element("p", {}, "For a dataset in which N lakes have some: ", code("python -m data simulate --into FOLDER --scenes N"), "."),
      ];
    }
    return [
      element("p", { textContent: `${evidence.lake} has no images in this dataset.` }), ...others,
      element("p", {}, "Add those you have: ", code("python -m data scenes DATASET --folder FOLDER"), ". Or fetch them from a catalogue: ", code("python -m data stac DATASET --years FIRST:LAST"), "."),
    ];
  }

  function waiting(scenes) {
    const ready = scenes.filter((scene) => scene.ready).length;
    return [element("p", { textContent: `This image is not made yet. It appears here by itself; ${ready} of the lake's ${scenes.length} are there.` })];
  }

  const lost = () => [element("p", { textContent: "The storage that this image lies on does not answer. It is asked every two seconds: the image appears here by itself." })];

  function leftOut(evidence) {
    const others = evidence.scenes.filter((scene) => scene.ready).length;
    const seek = element("button", { type: "button", className: "btn btn-sm m-button", textContent: "Next lake with images", onclick: evidence.seek });
    const here = others ? `${others} of the lake's ${evidence.scenes.length} images are: choose another date below.` : "Its areas, trends and scores are all here.";
    return [element("p", { textContent: `This image is not in this pack. ${here}` }), ...(others || !evidence.others ? [] : [seek])];
  }

  function refused(error, again) {
    const words = error instanceof TypeError ? "The server cannot be reached.\nCheck the connection." : error.message;
    const [what, ...remedy] = words.split("\n");
    const button = element("button", { type: "button", className: "btn btn-sm m-button", textContent: "Try again", onclick: again });
    return [element("p", { className: "m-scene-fault", textContent: sentence(what) }), element("p", { textContent: sentence(remedy.join(" ")) }), button];
  }

  Object.assign(moraine.scene, { words: { element, facts, caption, legend, options, described, scaleBar, scaleWords, nothing, waiting, lost, leftOut, refused, day, reason } });
})();
