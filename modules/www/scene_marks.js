// Which outlines lie over an image and in which colour, and the legend of all that is drawn.
(() => {
  const { shapes } = moraine.scene;
  const COMPOSITES = { false: ["nir", "red", "green"] };
  const INDEX = { ndwi: "NDWI", mndwi: "MNDWI" };

  const mixed = (from, to, share) => {
    const part = (text, at) => parseInt(text.slice(at, at + 2), 16);
    return `rgb(${[1, 3, 5].map((at) => Math.round(part(from, at) + (part(to, at) - part(from, at)) * share)).join(" ")})`;
  };

  // The inventory's outlines: none, the newest, or all of them coloured by year.
  function outlines(frame, which, colours) {
    const nested = which === "nested", dated = which === "none" ? [] : nested ? frame.ground.outlines : frame.ground.outlines.slice(-1);
    const years = dated.map((outline) => Number(outline.date.slice(0, 4)));
    const first = Math.min(...years), span = Math.max(...years) - first;
    return dated.map((outline, place) => ({
      shape: shapes.outline(outline.rings),
      colour: nested ? mixed(colours.early, colours.late, span ? (years[place] - first) / span : 1) : colours.outline,
      year: years[place],
      source: outline.source,
    }));
  }

  function ofMasks({ masks }, look) {
    const line = (mask) => ({ kind: mask.dash.length ? "dashed" : "line", colour: mask.colour, words: `water, ${mask.source}` });
    if (masks.length < 2 || !look.fill) return masks.map(line);
    const [first, second] = masks;
    return [...masks.map(line), { kind: second.alike ? "unlike" : "either", colour: first.colour, other: second.colour, words: "only one of the two" }];
  }

  function ofOutlines(frame, look, colours) {
    const drawn = outlines(frame, look.outlines, colours);
    if (!drawn.length) return [];
    const newest = drawn.at(-1), years = drawn.map(({ year }) => year);
    const source = frame.masks.some((mask) => mask.source === newest.source) ? "" : `, ${newest.source}`; // named already
    if (look.outlines !== "nested" || drawn.length < 2) return [{ kind: "line", colour: newest.colour, words: `outline ${newest.year}${source}` }];
    const ramp = `linear-gradient(to right, ${colours.early}, ${colours.late})`;
    return [{ kind: "ramp", colour: ramp, ends: [Math.min(...years), Math.max(...years)], words: "outlines" }];
  }

  // Entries of the legend, as `words.legend` sets them.
  function marks(frame, look, colours) {
    const three = COMPOSITES[look.bands] ?? (look.bands?.includes(".") ? look.bands.split(".") : null);
    const bands = three ? [{ kind: "none", words: `${three.join(", ")} as red, green, blue` }] : [];
    const index = INDEX[look.bands] ? [{ kind: "ramp", colour: colours.index, ends: ["−1", "1"], words: INDEX[look.bands] }] : [];
    const others = frame.ground.neighbours.length ? [{ kind: "thin", colour: colours.outline, words: "other lakes" }] : [];
    return [...bands, ...index, ...ofMasks(frame, look), ...ofOutlines(frame, look, colours), ...others];
  }

  Object.assign(moraine.scene, { marks, outlines });
})();
