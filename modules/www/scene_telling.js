// What the scene view tells beside its pictures: caption, legend, scale, north, and the same facts for those who do not see them.
(() => {
  const { marks, words } = moraine.scene;

  function notesOf({ at, before, swiping }) {
    const notes = [...(at?.notes ?? []), ...(before?.notes ?? []), ...(before?.error ? [before.error.message.replace("\n", "; ")] : [])];
    const same = at && swiping && !before && moraine.evidence.before === moraine.evidence.at;
    return same ? [...notes, "Both dates are the same: choose another one to swipe"] : notes;
  }

  const spoken = (message) => [...message.querySelectorAll("p")].map((part) => part.textContent).join(" ");

  function tell(view) {
    const { evidence } = moraine, { at, told } = view;
    const left = view.before?.scene && !view.before.error ? [words.element("span", { textContent: `left: ${words.facts(view.before.scene)}` })] : [];
    view.caption.replaceChildren(...(told ? words.caption({ scene: told, notes: notesOf(view) }, evidence) : []), ...left);
    view.legend.replaceChildren(...(at ? words.legend(marks(at, view.tools.look, view.colours)) : []));
    const said = at ? words.described(at, evidence) : spoken(view.message) || "nothing to show";
    view.detail.setAttribute("aria-label", `Image of the lake: ${said}`);
    view.context.setAttribute("aria-label", "The whole image; a rectangle marks the part that is shown large");
    view["at-day"].textContent = at ? words.day(at.scene) : "";
    const percent = Math.round(view.share * 100);
    view.grip.setAttribute("aria-valuenow", String(percent));
    if (view.split) view.grip.setAttribute("aria-valuetext", `${percent} % shows ${words.day(view.before.scene)}, the rest ${words.day(at.scene)}`);
  }

  // Scale and north of the detail as it is now.
  function measure({ ground, camera, scale, north }) {
    const bar = words.scaleBar(camera.scale / (ground.pixel_m ?? 1), Math.min(camera.room[0] / 3, 160));
    const said = words.scaleWords(bar.length, ground.pixel_m);
    scale.style.setProperty("--length", `${bar.width}px`);
    if (scale.textContent !== said) scale.textContent = said;
    north.hidden = ground.north === null;
    north.style.rotate = `${ground.north ?? 0}deg`;
  }

  function speak({ at, message, live }) {
    const said = at ? [words.day(at.scene), words.reason(at.scene.reason)].filter(Boolean).join(", ") : spoken(message);
    if (said !== live.textContent) live.textContent = said;
  }

  moraine.scene.telling = { tell, measure, speak };
})();
