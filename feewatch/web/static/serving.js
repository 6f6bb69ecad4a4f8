// Goes on with an act for many until nothing of it waits, and shows how far it came. Without it the
// button does the same, a moment at a time. It decides nothing: all it shows is the server's page.
"use strict";

(() => {
  async function goOn() {
    const form = document.getElementById("go-on");
    if (!form) return;
    form.querySelector("button").disabled = true;
    const answer = await fetch(form.action, { method: "POST", body: new FormData(form) });
    if (!answer.ok) {
      form.querySelector("button").disabled = false;
      return;
    }
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const next = page.querySelector("main");
    if (!next) return;
    document.querySelector("main").replaceWith(document.importNode(next, true));
    window.setTimeout(goOn, 200);
  }

  window.setTimeout(goOn, 500);
})();
