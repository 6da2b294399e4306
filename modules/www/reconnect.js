// A lost connection: what happened in words, tries that come by themselves, and the same view again from the address of the page.
(() => {
  const DELAYS = [0.5, 1, 2, 4, 8, 15]; // seconds before a try; the last one is for all that follow
  const APART = 0.5; // up to this share is added by chance: visitors of a server that has gone must not all come back at once
  const PATIENCE = 5_000; // ms for one answer
  const OFTEN = 3, LATELY = 60_000; // so many openings anew within so many ms, and the next one is left to the visitor
  const STAYS = 8_000; // ms that the good news is shown

  let bar, tries = 0, due = 0, ticking, trying = false, opened = false, told = "", idle = 0;

  const lost = () => Boolean(bar) && !bar.dataset.good;
  const lately = () => (history.state?.anew ?? []).filter((when) => Date.now() - when < LATELY);
  // What would be gone with this page: an enabled button or a text that says so of itself.
  const unsaved = () => [...document.querySelectorAll("[data-m-unsaved]")]
    .filter((each) => (each.tagName === "BUTTON" ? !each.disabled : [...each.querySelectorAll("textarea")].some(({ value }) => value.trim())))
    .map((each) => each.dataset.mUnsaved).join(" and ");

  function show() {
    const words = moraine.element("p", { role: "alert" });
    const when = moraine.element("span", { className: "m-lost-when", ariaHidden: "true" });
    const now = moraine.element("button", { type: "button", className: "btn m-button", textContent: "Try now", onclick: press });
    bar = moraine.element("aside", { className: "m-lost", ariaLabel: "Connection" }, words, when, now);
    document.body.append(bar);
  }

  function tell(words, { button = "Try now", when = "" } = {}) {
    const [said, later, now] = bar.children;
    if (told !== words) said.textContent = told = words;
    later.textContent = when;
    now.textContent = button;
  }

  const REST = "What you see stays, but clicks are not answered until then.";
  const IDLE = "Your view is in the address of this page, and opens again when you press the button or come back to this tab.";
  const what = () => idle ? `Nothing was done here for ${idle} ${idle === 1 ? "minute" : "minutes"}, so this page gave its place to others. ${IDLE}`
    : !navigator.onLine ? `This device is offline. ${REST}`
    : opened ? `The connection was lost. Your view is in the address of this page, and opens again as soon as Moraine answers. ${REST}`
      : "The page has come, but its live connection cannot be opened. If this lasts, a proxy or firewall on the way may not let WebSockets through.";

  function tick() {
    const left = Math.ceil((due - Date.now()) / 1000);
    if (left <= 0) return void attempt();
    tell(what(), { when: `Next try in ${left} s` });
    ticking = setTimeout(tick, 250);
  }

  function later() {
    if (idle) return void tell(what(), { button: "Open again" }); // by itself it would take the place that it has just given back
    const delay = DELAYS[Math.min(tries, DELAYS.length - 1)];
    due = Date.now() + 1000 * delay * (1 + APART * Math.random());
    tries += 1;
    tick();
  }

  // Any answer but "not now" of the server (503) or of a proxy before it (502, 504, 520 and on) will do, a way to a sign-in page too.
  async function answers() {
    try {
      const answer = await fetch("healthz", { cache: "no-store", redirect: "manual", signal: AbortSignal.timeout(PATIENCE) });
      return answer.status < 502;
    } catch {
      return false;
    }
  }

  async function attempt() {
    if (trying) return;
    clearTimeout(ticking);
    trying = true;
    idle = 0;
    tell(what(), { when: "Trying…" });
    const there = await answers();
    trying = false;
    if (!there) later();
    else if (unsaved()) tell(`Moraine answers again. To go on, open your view anew; that loses ${unsaved()}.`, { button: "Open anew" });
    else if (lately().length >= OFTEN) tell("The connection was lost again and again. Open your view anew, or begin without its settings: take away what follows the ? in the address.", { button: "Open anew" });
    else anew();
    bar.dataset.there = String(there);
  }

  function anew() {
    tell("Moraine answers again: your view is being opened.");
    history.replaceState({ ...history.state, anew: [...lately(), Date.now()] }, "");
    location.reload();
  }

  // Where the visitor is asked, time has passed since the server answered.
  async function press() {
    if (bar.dataset.there !== "true") await attempt();
    else if (await answers()) anew();
    else {
      bar.dataset.there = "false";
      later();
    }
  }

  function begin() {
    if (lost()) return;
    bar?.remove();
    told = "";
    tries = 0;
    show();
    later();
  }

  // Shiny lays this over the page whenever its socket is gone, also when it never came.
  function watch() {
    new MutationObserver(() => {
      if (document.getElementById("shiny-disconnected-overlay")) begin();
    }).observe(document.body, { childList: true });
    Shiny.addCustomMessageHandler("moraine-idle", ({ minutes }) => {
      idle = minutes;
    });
    $(document).on("shiny:connected", () => {
      opened = true;
      const last = history.state?.anew?.at(-1);
      if (!last || history.state.seen === last) return;
      history.replaceState({ ...history.state, seen: last }, "");
      show();
      bar.dataset.good = "true";
      tell("Connected again. This is your view, as the address of the page describes it.");
      setTimeout(() => bar.dataset.good && bar.remove(), STAYS);
    });
  }

  const soon = () => lost() && bar.dataset.there !== "true" && document.visibilityState === "visible" && attempt();
  addEventListener("online", soon);
  document.addEventListener("visibilitychange", soon);
  addEventListener("pageshow", ({ persisted }) => persisted && !window.Shiny?.shinyapp?.isConnected() && begin());
  document.addEventListener("DOMContentLoaded", watch);
})();
