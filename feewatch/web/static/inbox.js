// Keys and counts for lists of matters: j and k walk the rows, x chooses, Enter opens, / searches,
// ? tells the keys. Without it every row has its link and its box.
"use strict";

(() => {
  const rows = [...document.querySelectorAll("[data-row]")];
  const help = document.getElementById("keys");
  const told = document.querySelector("[data-chosen]");
  let here = -1;

  const boxOf = (row) => row.querySelector("input[type=checkbox]");

  function tell() {
    if (!told) return;
    const count = document.querySelectorAll("[data-row] input:checked").length;
    told.textContent = count ? String(count) : "";
  }

  function walk(by) {
    if (!rows.length) return;
    if (here >= 0) rows[here].classList.remove("here");
    here = Math.min(rows.length - 1, Math.max(0, here + by));
    rows[here].classList.add("here");
    const link = rows[here].querySelector("[data-open]");
    if (link) link.focus({ preventScroll: true });
    rows[here].scrollIntoView({ block: "nearest" });
  }

  const keys = {
    j: () => walk(1),
    k: () => walk(-1),
    x: () => {
      const box = here >= 0 && boxOf(rows[here]);
      if (box) { box.checked = !box.checked; tell(); }
    },
    Enter: () => {
      const link = here >= 0 && rows[here].querySelector("[data-open]");
      if (link) link.click();
    },
    "/": () => document.getElementById("text").focus(),
    "?": () => { help.open = !help.open; help.querySelector("summary").focus(); },
  };

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.closest("input:not([type=checkbox]), select, textarea")) return;
    if (event.key === "Enter" && event.target.closest("a, button, summary")) return;
    const act = keys[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  });

  for (const all of document.querySelectorAll("[data-all]")) {
    all.hidden = false;
    all.addEventListener("change", () => {
      for (const row of all.closest("section").querySelectorAll("[data-row]")) {
        const box = boxOf(row);
        if (box) box.checked = all.checked;
      }
      tell();
    });
  }
  document.addEventListener("change", tell);
  if (help) help.hidden = false;
  tell();
})();
