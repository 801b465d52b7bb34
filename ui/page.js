// What a page does by itself in the browser: it says that the connection is lost, and keeps what was
// typed and not sent, in this tab, until it is sent.

(() => {
  const KEPT = "aether-draft:";

  function restore(field) {
    const kept = sessionStorage.getItem(KEPT + field.dataset.draft);
    if (!kept || field.value) return;
    field.value = kept;
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }

  document.addEventListener("input", ({ target }) => {
    const name = target.dataset?.draft;
    if (name) sessionStorage.setItem(KEPT + name, target.value);
  });

  // Fields come and go as parts of a page are drawn anew.
  new MutationObserver((changes) => {
    for (const { addedNodes } of changes) {
      for (const node of addedNodes) {
        if (!(node instanceof Element)) continue;
        if (node.matches("[data-draft]")) restore(node);
        node.querySelectorAll("[data-draft]").forEach(restore);
      }
    }
  }).observe(document.documentElement, { childList: true, subtree: true });

  window.forgetDraft = (name) => sessionStorage.removeItem(KEPT + name);

  document.addEventListener("DOMContentLoaded", () => {
    const popup = document.getElementById("popup");
    popup?.setAttribute("role", "alert");
    const [what, then] = popup?.querySelectorAll("span") ?? [];
    if (!then) return;
    what.textContent = "The connection is lost.";
    then.textContent = "Nothing of yours is: this page comes back by itself.";
    // The browser knows at once; the connection itself may take long to be given up.
    window.addEventListener("offline", () => (popup.ariaHidden = false));
    window.addEventListener("online", () => {
      if (window.socket?.connected) popup.ariaHidden = true;
    });
  });
})();
