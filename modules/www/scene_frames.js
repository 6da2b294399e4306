// What the pictures are made of: fetches everything of one date, says what failed, and asks for parts of large scenes at full size.
(() => {
  const PATIENCE = 120; // ms that an image waits for its masks before it is shown without
  const STEP = 64; // scene px: windows of parts are cut to these, so that they are found again
  const { shapes } = moraine.scene;
  const later = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

  function bare(image) {
    return { width: image.width, height: image.height, pixel_m: null, north: null, bands: [], lake: null, outlines: [], neighbours: [] };
  }

  function maskOf(source, place, layers, rings, colours) {
    const label = (name) => name === "label";
    const alike = layers.length > 1 && layers.every((name) => !label(name));
    return {
      source,
      alike,
      colour: label(source) ? colours.label : colours.water,
      both: colours.water,
      dash: alike && place === 1 ? [6, 4] : [],
      shapes: shapes.mask(rings),
    };
  }

  // Calls `show(frame)` when there is something to see and resolves once all of it is there. Rejects where there is no image.
  async function load(scene, { relief, layers, colours, show }) {
    const { evidence } = moraine, notes = [];
    const noted = (what) => (error) => { notes.push(`${what}: ${error.message.replace("\n", "; ")}`); return null; };
    // All asked for at once: nothing waits for another's answer.
    const asked = [evidence.image(scene.image), evidence.json(scene.ground).catch(noted("No outlines"))];
    const masks = layers.map((source) => (scene.masks[source] ? evidence.json(scene.masks[source].rings).catch(noted(`No mask of ${source}`)) : null));
    const shade = relief && scene.relief ? evidence.image(scene.hillshade).catch(noted("No hillshade")) : null;
    const [image, told] = await Promise.all(asked);
    const ground = told ?? bare(image);
    const frame = { scene, image, ground, notes, relief: null, masks: [], patch: null, neighbours: shapes.outline(ground.neighbours) };
    const rest = Promise.all([shade, ...masks]).then(([hillshade, ...rings]) => {
      const there = layers.map((source, place) => [source, place, rings[place]]).filter(([, , told]) => told);
      frame.relief = hillshade;
      frame.masks = there.map(([source, place, told]) => maskOf(source, place, there.map(([name]) => name), told, colours));
    });
    if ((await Promise.race([rest, later(PATIENCE).then(() => "late")])) === "late") {
      show(frame);
      await rest;
    }
    return frame;
  }

  // The part of a large scene that the detail shows, at full size; null where the image on screen is as sharp already.
  function partOf(frame, rect, sharpness) {
    const { width, height } = frame.ground;
    if (width <= frame.image.width * 1.02 || sharpness * width < frame.image.width * 1.1) return null;
    const [left, top, right, bottom] = rect;
    const window = [Math.floor(left / STEP) * STEP, Math.floor(top / STEP) * STEP, Math.ceil(right / STEP) * STEP, Math.ceil(bottom / STEP) * STEP];
    const cut = [Math.max(window[0], 0), Math.max(window[1], 0), Math.min(window[2], width), Math.min(window[3], height)];
    return { window: cut, url: frame.scene.detail.replace("WINDOW", cut.join("_")) };
  }

  Object.assign(moraine.scene, { load, partOf });
})();
