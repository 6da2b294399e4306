// Plots of the Lens page that follow the epoch by themselves: `words.epochs` (epochs along x) has a bar there, each path (a trace whose
// `meta.epochs` are those of its points) a ring where it is then. Elements over the plot: plotly would take ten times as long to move a shape.
function over(plot, name) {
  return plot.el.appendChild(Object.assign(document.createElement("div"), { className: `m-${name}`, ariaHidden: "true" }));
}

function placeEpoch(plot) {
  const epoch = moraine.lens?.epoch;
  if (!plot.ready || epoch == null || !plot.plot._fullLayout.xaxis) return;
  if (plot.words.epochs || plot.epochBar) placeBar(plot, epoch);
  if (plot.words.paths || plot.epochRings) placeRings(plot, epoch);
}

function placeBar(plot, epoch) {
  const { xaxis, _size } = plot.plot._fullLayout, x = xaxis.l2p(epoch);
  plot.epochBar ??= over(plot, "epoch-bar");
  plot.epochBar.hidden = !plot.words.epochs || x < 0 || x > xaxis._length;
  plot.epochBar.style.cssText = `top:${_size.t}px;height:${_size.h}px;transform:translateX(${xaxis._offset + x}px)`;
}

// The place of an epoch in a path; of a run that kept fewer, its last one before.
function pathPlace(epochs, epoch) {
  let at = 0;
  for (let i = 0; i < epochs.length; i++) if (epochs[i] <= epoch) at = i;
  return at;
}

function placeRings(plot, epoch) {
  const { xaxis, yaxis } = plot.plot._fullLayout, paths = plot.plot.data.filter((trace) => trace.meta?.epochs);
  plot.epochRings ??= [];
  while (plot.epochRings.length < paths.length) plot.epochRings.push(over(plot, "epoch-ring"));
  plot.epochRings.forEach((ring, i) => {
    ring.hidden = i >= paths.length;
    if (ring.hidden) return;
    const { x, y, meta } = paths[i], at = pathPlace(meta.epochs, epoch);
    ring.classList.toggle("m-epoch-ring-own", Boolean(meta.own));
    ring.style.transform = `translate(${xaxis._offset + xaxis.d2p(x[at])}px, ${yaxis._offset + yaxis.d2p(y[at])}px)`;
  });
}
