// What lies far below the window need not be worked out for every click: a part of the page that has data-m-seen says whether it is seen.
document.addEventListener("DOMContentLoaded", () => {
  const NEAR = "300px"; // it begins before it is reached
  const observer = new IntersectionObserver((entries) => {
    for (const { target, isIntersecting } of entries) Shiny.setInputValue(target.dataset.mSeen, isIntersecting);
  }, { rootMargin: NEAR });
  $(document).on("shiny:connected", () => {
    observer.disconnect();
    document.querySelectorAll("[data-m-seen]").forEach((part) => observer.observe(part));
  });
});
