// Over the plane of scenes: a ring round the scene in focus, and thumbnails where they have room. On a canvas above the plot, so that
// neither moves a point; as one zooms in, more of them find room.
(() => {
  const PLACES = ".m-lens-embedding-plot";
  const sheets = new Map(); // url → a promise of the picture

  const sheet = (url) => {
    if (!sheets.has(url)) {
      const image = new Image();
      image.src = url;
      sheets.set(url, image.decode().then(() => image, () => null));
    }
    return sheets.get(url);
  };
  const css = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--m-${name}`).trim();
  const channels = (hex) => [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16));
  // Neither the order of the file nor the errors decide who is shown where there is no room for all: a fixed shuffle does.
  const shuffled = (row) => Math.imul(row + 1, 2654435761) >>> 0;

  function shade({ color, colorscale, cmin, cmax }, at) {
    if (!Array.isArray(color)) return color;
    const share = Math.min(1, Math.max(0, (color[at] - cmin) / (cmax - cmin)));
    const [from, to] = colorscale.map(([, hex]) => channels(hex));
    return `rgb(${from.map((low, i) => Math.round(low + share * (to[i] - low)))})`;
  }

  function scenes({ plot }) {
    const { xaxis, yaxis } = plot._fullLayout, found = [];
    for (const trace of plot.data) {
      for (let at = 0; at < (trace.customdata?.length ?? 0); at++) {
        const x = xaxis.d2p(trace.x[at]), y = yaxis.d2p(trace.y[at]);
        if (x < 0 || y < 0 || x > xaxis._length || y > yaxis._length) continue;
        const dim = Array.isArray(trace.marker.opacity) && trace.marker.opacity[at] < 0.2;
        found.push({ key: trace.customdata[at], row: trace.meta.rows[at], x, y, dim, frame: shade(trace.marker, at) });
      }
    }
    return found;
  }

  function roomy(found, side, focus) {
    const taken = [], first = ({ key, dim }) => (key === focus ? 0 : dim ? 2 : 1);
    found.sort((a, b) => first(a) - first(b) || shuffled(a.row) - shuffled(b.row));
    for (const scene of found) {
      if (taken.every((other) => Math.abs(other.x - scene.x) > side + 4 || Math.abs(other.y - scene.y) > side + 4)) taken.push(scene);
    }
    return taken;
  }

  async function draw(host) {
    const held = host.morainePlot;
    if (!held?.ready || !held.plot._fullLayout?.xaxis) return;
    const told = held.words.pictures, image = told ? await sheet(told.url) : null;
    if (!host.isConnected) return;
    const { xaxis, yaxis } = held.plot._fullLayout, fine = devicePixelRatio || 1, focus = Number(host.dataset.focus);
    const canvas = (held.over ??= host.appendChild(Object.assign(document.createElement("canvas"), { className: "m-lens-over", ariaHidden: "true" })));
    Object.assign(canvas, { width: xaxis._length * fine, height: yaxis._length * fine });
    canvas.style.cssText = `left:${xaxis._offset}px;top:${yaxis._offset}px;width:${xaxis._length}px;height:${yaxis._length}px`;
    const pen = canvas.getContext("2d"), found = scenes(held);
    pen.scale(fine, fine);
    held.pictured = image ? roomy(found, told.side, focus) : [];
    for (const scene of held.pictured) picture(pen, image, told, scene);
    host.dataset.pictures = String(held.pictured.length);
    const mine = found.find(({ key }) => key === focus);
    host.dataset.ringed = mine ? String(focus) : "";
    if (mine) ring(pen, mine, image ? told.side / 2 + 4 : 9);
  }

  function picture(pen, image, { tile, columns, side }, { x, y, row, dim, frame }) {
    const [left, top] = [x - side / 2, y - side / 2];
    pen.globalAlpha = dim ? 0.2 : 1;
    Object.assign(pen, { strokeStyle: css("panel"), lineWidth: 5 });
    pen.strokeRect(left, top, side, side);
    pen.drawImage(image, (row % columns) * tile, Math.floor(row / columns) * tile, tile, tile, left, top, side, side);
    Object.assign(pen, { strokeStyle: frame, lineWidth: 3 });
    pen.strokeRect(left, top, side, side);
    pen.globalAlpha = 1;
  }

  function ring(pen, { x, y }, radius) {
    for (const look of [{ strokeStyle: css("panel"), lineWidth: 5 }, { strokeStyle: css("focus"), lineWidth: 2.5 }]) {
      Object.assign(pen, look);
      pen.beginPath();
      pen.arc(x, y, radius, 0, 2 * Math.PI);
      pen.stroke();
    }
  }

  // Which picture lies under a point of the plot's box: where pictures are, they are pressed rather than the points that they cover.
  function pressed(host, left, top) {
    const { pictured = [], plot, words } = host.morainePlot, { xaxis, yaxis } = plot._fullLayout, half = (words.pictures?.side ?? 0) / 2;
    return pictured.find(({ x, y }) => Math.abs(x + xaxis._offset - left) <= half && Math.abs(y + yaxis._offset - top) <= half)?.key ?? null;
  }

  function attend(host) {
    if (host.dataset.lensOver) return;
    host.dataset.lensOver = "on";
    new MutationObserver(() => {
      const held = host.morainePlot;
      if (held && !held.pictureAt) {
        held.pictureAt = (left, top) => pressed(host, left, top);
        for (const name of ["plotly_relayout", "plotly_relayouting"]) held.plot.on(name, () => draw(host));
      }
      draw(host);
    }).observe(host, { attributes: true, attributeFilter: ["data-drawn", "data-focus"] });
    new ResizeObserver(() => setTimeout(() => draw(host), 100)).observe(host);
  }

  function watch() {
    for (const place of document.querySelectorAll(PLACES)) {
      new MutationObserver(() => place.querySelectorAll(".m-plot-host").forEach(attend)).observe(place, { childList: true, subtree: true });
    }
  }
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", watch);
  else watch();
})();
