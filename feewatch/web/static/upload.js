// Sends chosen files one by one to the form's own address and shows what became of each.
// Without it the form sends all files at once. It never decides anything: every word about a file
// comes from the page with which the server answers.
"use strict";

(() => {
  const form = document.getElementById("upload");
  const words = form.dataset;
  const input = document.getElementById("files");
  const button = form.querySelector("button");
  const rows = document.getElementById("outcomes");
  const progress = document.getElementById("progress");
  let queue = [];
  let all = 0;

  function addRow(file) {
    const row = rows.insertRow();
    row.insertCell().textContent = file.name;
    const cell = row.insertCell();
    cell.colSpan = 4;
    cell.textContent = words.waiting;
    return { file, row, cell };
  }

  function tell(item, text, part) {
    item.cell.textContent = text;
    if (part === undefined) return;
    const bar = document.createElement("progress");
    bar.max = 1;
    bar.value = part;
    bar.setAttribute("aria-label", item.file.name);
    item.cell.append(" ", bar);
  }

  function showAnswer(item, text) {
    const page = new DOMParser().parseFromString(text, "text/html");
    const told = page.querySelector("#outcomes tr");
    const refusal = page.querySelector("#refusal .what, main h1");
    if (told) item.row.replaceWith(document.importNode(told, true));
    else tell(item, refusal ? refusal.textContent : words.lost);
  }

  function send(item) {
    return new Promise((resolve) => {
      const body = new FormData();
      body.append("csrf_token", form.elements.csrf_token.value);
      body.append("files", item.file);
      const request = new XMLHttpRequest();
      request.open("POST", form.action);
      request.upload.onprogress = (event) => {
        const isSent = event.loaded === event.total;
        tell(item, isSent ? words.reading : words.sending, event.loaded / event.total);
      };
      request.onload = () => {
        showAnswer(item, request.responseText);
        // logged out, or the server is in trouble: what follows would fare no better
        resolve(request.status !== 401 && request.status < 500);
      };
      request.onerror = () => { tell(item, words.lost); resolve(false); };
      request.send(body);
    });
  }

  function count() {
    const done = all - queue.length;
    progress.textContent = words.done.replace("{done}", done).replace("{all}", all);
  }

  async function work() {
    button.disabled = true;
    for (count(); queue.length > 0; count()) {
      const item = queue[0];
      if (item.file.size > Number(words.mostBytes)) tell(item, words.large);
      else if (!(await send(item))) break;
      queue.shift();
    }
    button.disabled = false;
    input.required = queue.length === 0;
  }

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    document.getElementById("fates").hidden = false;
    if (input.files.length > 0) {
      queue.push(...Array.from(input.files, addRow));
      all = queue.length;
      input.value = "";
    }
    work();
  });
})();
