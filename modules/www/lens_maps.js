// Feature maps: a row of small pictures a layer, cut out of one sheet each. A pixel that is pointed at is crossed in all maps and on the
// scene, where a box shows what it sees; its value is read from the sheet: value = low + (high − low) × byte / 255.
(() => {
  const FIRST = 12; // maps of a layer before the rest is asked for
  const { element } = moraine;
  let root = null, told = { key: "", layers: [] }, at = null; // at: {layer, channel, row, column}
  const open = new Set(); // names of layers all of whose maps are shown
  const bytes = new Map(); // address of a sheet → its pixels, once they are here

  const part = (name) => root.querySelector(`.m-maps-${name}`);
  const layerOf = (place) => told.layers.find((layer) => layer.place === place);

  // A map is drawn from its own least to its own largest value; on the layer's scale it is mixed with the grey that makes up for the rest.
  function scaled(layer, channel) {
    const low = Math.min(...layer.low), span = Math.max(...layer.high) - low;
    if (!root.querySelector("input[type=checkbox]")?.checked || !(span > 0)) return [1, 0];
    const share = (layer.high[channel] - layer.low[channel]) / span, rest = (layer.low[channel] - low) / span;
    return [share, share < 1 ? Math.round(255 * (rest / (1 - share))) : 0];
  }

  function tone(tile, layer, channel) {
    const [share, grey] = scaled(layer, channel);
    tile.firstChild.style.opacity = share;
    tile.style.background = `rgb(${grey},${grey},${grey})`;
  }

  function tileOf(layer, channel) {
    const { columns, channels } = layer, rows = Math.ceil(channels / columns);
    const along = (place, of) => (of > 1 ? (100 * place) / (of - 1) : 0);
    const picture = element("span", { className: "m-feature-picture" });
    picture.style.cssText = `background-image:url("${layer.url}");background-size:${100 * columns}% ${100 * rows}%;background-position:${along(channel % columns, columns)}% ${along(Math.floor(channel / columns), rows)}%`;
    const tile = element("span", { className: "m-feature-tile" }, picture);
    tone(tile, layer, channel);
    const made = element("li", { className: "m-feature" }, tile, element("span", { className: "m-feature-words" }, layer.said[channel]));
    made.dataset.channel = channel;
    return made;
  }

  function fill(list, layer) {
    const all = open.has(layer.name), count = all ? layer.channels : Math.min(FIRST, layer.channels);
    list.replaceChildren(...layer.order.slice(0, count).map((channel) => tileOf(layer, channel)));
  }

  function sectionOf(layer) {
    const list = element("ul", { className: "m-feature-list", tabIndex: 0 });
    list.setAttribute("aria-label", `Maps of ${layer.name}. Arrow keys move the pixel, comma and full stop the map, Enter shows the scenes it is highest on.`);
    fill(list, layer);
    const made = element("section", { className: "m-feature-layer" });
    made.dataset.place = layer.place;
    const more = element("button", { type: "button", className: "btn btn-sm m-quiet-button m-feature-more", hidden: layer.channels <= FIRST });
    const name = () => (more.textContent = open.has(layer.name) ? `first ${FIRST}` : `all ${layer.channels}`);
    more.onclick = () => {
      if (!open.delete(layer.name)) open.add(layer.name);
      name();
      fill(list, layerOf(layer.place));
    };
    name();
    made.append(
      element("h4", {}, element("span", { className: "m-feature-name" }, layer.name), element("span", { className: "m-quiet" }, layer.words), more),
      ...(layer.reacts ? [element("p", { className: "m-quiet m-feature-reacts" }, `react most to: ${layer.reacts}`)] : []),
      list,
    );
    return made;
  }

  function draw() {
    part("body").hidden = !told.layers.length;
    part("layers").replaceChildren(...told.layers.map(sectionOf));
    const image = part("image");
    if (told.image && image.getAttribute("src") !== told.image) image.src = told.image;
    image.hidden = !told.image;
    if (told.side) part("scene").style.aspectRatio = `${told.side[1]} / ${told.side[0]}`;
    if (at && !layerOf(at.layer)) at = null;
    point(at);
  }

  // The pixels of a sheet, or null while they are on their way.
  function pixels(layer) {
    if (bytes.has(layer.url)) return bytes.get(layer.url);
    bytes.set(layer.url, null);
    moraine.evidence.image(layer.url).then((bitmap) => {
      const canvas = new OffscreenCanvas(bitmap.width, bitmap.height), context = canvas.getContext("2d", { willReadFrequently: true });
      context.drawImage(bitmap, 0, 0);
      const { data, width } = context.getImageData(0, 0, bitmap.width, bitmap.height), held = new Uint8Array(data.length / 4);
      for (let i = 0; i < held.length; i++) held[i] = data[4 * i];
      if (bytes.size > 60) bytes.clear();
      bytes.set(layer.url, { held, width });
      point(at);
    }).catch(() => bytes.delete(layer.url)); // the maps themselves show that their picture did not come
    return null;
  }

  function valueAt({ layer: place, channel, row, column }) {
    const layer = layerOf(place), sheet = pixels(layer), [height, width] = layer.size;
    if (!sheet) return null;
    const x = (channel % layer.columns) * width + column, y = Math.floor(channel / layer.columns) * height + row;
    return layer.low[channel] + ((layer.high[channel] - layer.low[channel]) * sheet.held[y * sheet.width + x]) / 255;
  }

  // What a pixel sees: [left, top, right, bottom] px of the image, as the server tells of its row and its column.
  function seen({ layer: place, row, column }) {
    const { rows, cells } = layerOf(place);
    return [cells[column][0], rows[row][0], cells[column][1], rows[row][1]];
  }

  const digits = (value) => (value === 0 ? "0" : String(Number(value.toPrecision(3))).replace("-", "−"));

  function words(where) {
    const layer = layerOf(where.layer), [left, top, right, bottom] = seen(where), value = valueAt(where), [high, wide] = [bottom - top, right - left];
    const metres = told.pixel ? ` (${Math.round(wide * told.pixel)} × ${Math.round(high * told.pixel)} m)` : "";
    const whole = wide === told.side[1] && high === told.side[0] ? ", all of the image" : "";
    return `${layer.name}, map ${where.channel + 1}, column ${where.column + 1}, row ${where.row + 1}: ${value === null ? "…" : `about ${digits(value)}`}${layer.mean && ` (${layer.mean})`}. It sees ${wide} × ${high} px${metres}${whole}.`;
  }

  function point(where) {
    at = where;
    root.classList.toggle("m-maps-pointed", Boolean(at));
    for (const old of root.querySelectorAll(".m-feature-own")) old.classList.remove("m-feature-own");
    if (!at) return;
    const layer = layerOf(at.layer), [left, top, right, bottom] = seen(at), [height, width] = told.side;
    const set = (name, value) => root.style.setProperty(name, `${value}%`);
    set("--m-x", (100 * (at.column + 0.5)) / layer.size[1]);
    set("--m-y", (100 * (at.row + 0.5)) / layer.size[0]);
    set("--m-left", (100 * left) / width);
    set("--m-top", (100 * top) / height);
    set("--m-wide", (100 * (right - left)) / width);
    set("--m-high", (100 * (bottom - top)) / height);
    root.querySelector(`[data-place="${at.layer}"] [data-channel="${at.channel}"]`)?.classList.add("m-feature-own");
    part("said").textContent = words(at);
  }

  // The cell under a pointer, in a map or on the scene (there: of the layer pointed at last, or the first).
  function under(event) {
    const tile = event.target.closest?.(".m-feature-tile"), scene = event.target.closest?.(".m-maps-scene");
    const box = (tile ?? scene)?.getBoundingClientRect();
    if (!box?.width || (scene && !told.layers.length)) return null;
    const place = tile ? Number(tile.closest("[data-place]").dataset.place) : (at?.layer ?? told.layers[0].place);
    const channel = tile ? Number(tile.parentElement.dataset.channel) : (at?.channel ?? told.layers[0].order[0]);
    const [height, width] = layerOf(place).size;
    const cell = (share, of) => Math.min(Math.max(Math.floor(share * of), 0), of - 1);
    return { layer: place, channel, row: cell((event.clientY - box.top) / box.height, height), column: cell((event.clientX - box.left) / box.width, width) };
  }

  // Keys: from the pixel in focus, or the middle of the layer's first map.
  function walk(event) {
    const place = Number(event.target.closest("[data-place]").dataset.place), layer = layerOf(place), [height, width] = layer.size;
    const here = at?.layer === place ? at : { layer: place, channel: layer.order[0], row: height >> 1, column: width >> 1 };
    const [across, down] = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key] ?? [0, 0];
    const turn = { ",": -1, ".": 1 }[event.key] ?? 0;
    if (event.key === "Enter") press(here);
    else if (!across && !down && !turn) return;
    event.preventDefault();
    const drawn = open.has(layer.name) ? layer.order : layer.order.slice(0, FIRST), limit = (value, of) => Math.min(Math.max(value, 0), of - 1);
    point({ layer: place, channel: drawn[limit(Math.max(drawn.indexOf(here.channel), 0) + turn, drawn.length)], row: limit(here.row + down, height), column: limit(here.column + across, width) });
    part("live").textContent = words(at);
  }

  function press({ layer, channel }) {
    Shiny.setInputValue(root.dataset.pressed, { layer: layerOf(layer).name, channel }, { priority: "event" });
  }

  function listen() {
    for (const name of ["pointermove", "pointerdown"]) root.addEventListener(name, (event) => { const where = under(event); if (where) point(where); });
    root.addEventListener("click", (event) => { if (event.target.closest(".m-feature-tile")) press(under(event)); });
    root.addEventListener("keydown", (event) => { if (event.target.matches(".m-feature-list")) walk(event); });
    root.addEventListener("change", (event) => {
      if (event.target.type !== "checkbox") return;
      for (const tile of root.querySelectorAll(".m-feature-tile")) tone(tile, layerOf(Number(tile.closest("[data-place]").dataset.place)), Number(tile.parentElement.dataset.channel));
    });
  }

  // A layer that is chosen in a table or a plot is marked, and its maps come into view; not while it is they that are pressed.
  function mark({ name }) {
    for (const button of document.querySelectorAll("[data-lens-layer]")) button.setAttribute("aria-pressed", String(button.dataset.lensLayer === name));
    for (const section of root.querySelectorAll("[data-place]")) section.classList.toggle("m-feature-current", layerOf(Number(section.dataset.place))?.name === name);
  }

  function choose(event) {
    const button = event.target.closest?.("[data-lens-layer]"), input = button?.closest("[data-lens-layer-input]")?.dataset.lensLayerInput;
    if (!input) return;
    Shiny.setInputValue(input, button.dataset.lensLayer, { priority: "event" });
    const layer = told.layers.find((each) => each.name === button.dataset.lensLayer);
    if (layer) root.querySelector(`[data-place="${layer.place}"]`).scrollIntoView({ block: "nearest" });
  }

  document.addEventListener("DOMContentLoaded", () => {
    root = document.querySelector(".m-maps");
    if (!root) return;
    listen();
    document.addEventListener("click", choose);
    Shiny.addCustomMessageHandler("moraine-lens-maps", (said) => { told = said; draw(); });
    Shiny.addCustomMessageHandler("moraine-lens-layer", mark);
  });
})();
