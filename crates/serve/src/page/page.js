
"use strict";

const SHOWN_LABELS = 10;
const SHOWN_WORDS = 12;
const SHOWN_ROWS = 200;
const CHUNK_ROWS = 64;
const CHUNK_CHARACTERS = 200000;
const RETRIES = 8;

const at = (id) => document.getElementById(id);
const state = { key: "", models: [], asked: null, file: null, sorted: [], running: null };

/* ---- The server ---- */

class Refused extends Error {
  constructor(status, message, wait) {
    super(message);
    this.status = status;
    this.wait = wait;
  }
}

async function ask(path, body, signal) {
  const headers = state.key ? { authorization: "Bearer " + state.key } : {};
  const options = { headers, signal, method: body ? "POST" : "GET" };
  if (body) {
    headers["content-type"] = "application/json";
    options.body = JSON.stringify(body);
  }
  let response;
  try {
    response = await fetch(path, options);
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Refused(0, "The server cannot be reached.", 2);
  }
  const found = await response.json().catch(() => ({}));
  if (!response.ok) {
    const message = (found.error && found.error.message) || "The server answers " + response.status + ".";
    throw new Refused(response.status, message, Number(response.headers.get("retry-after")) || 0);
  }
  return found;
}

/* Asks again while the server has no room. */
async function askPatiently(path, body, signal) {
  for (let retry = 0; ; retry += 1) {
    try {
      return await ask(path, body, signal);
    } catch (error) {
      if (!(error instanceof Refused) || !error.wait || retry >= RETRIES) throw error;
      await new Promise((resolve) => setTimeout(resolve, error.wait * 1000));
      if (signal.aborted) throw new DOMException("stopped", "AbortError");
    }
  }
}

function tell(error) {
  if (error && error.name === "AbortError") return;
  at("error").hidden = !error;
  at("error").textContent = error ? error.message : "";
  if (error && error.status === 401) {
    at("key-form").hidden = false;
    at("key").focus();
  }
}

async function loadModels() {
  const { models } = await ask("models");
  state.models = models;
  const before = at("model").value;
  at("model").replaceChildren(...models.map((model) => element("option", { value: model.name }, model.name)));
  if (models.some((model) => model.name === before)) at("model").value = before;
  at("model-choice").hidden = models.length < 2;
  at("key-form").hidden = true;
  tell(null);
}

/* ---- Making elements: whatever comes from outside is text, never markup ---- */

function element(name, properties, ...children) {
  const made = document.createElement(name);
  Object.assign(made, properties);
  made.append(...children);
  return made;
}

const percent = (share) => (share === null ? "–" : (100 * share).toFixed(1) + " %");
const signed = (value) => (value < 0 ? "−" : "+") + Math.abs(value).toFixed(3);

/* ---- One text ---- */

async function sortText() {
  const text = at("text").value;
  if (!text.trim()) return;
  if (state.asked) state.asked.abort();
  state.asked = new AbortController();
  const { signal } = state.asked;
  tell(null);
  at("result").setAttribute("aria-busy", "true");
  try {
    const model = at("model").value || undefined;
    const found = await ask("predict", { texts: [text], model }, signal);
    showLabels(found.predictions[0], text);
    await explain(text, undefined, signal);
  } catch (error) {
    tell(error);
  } finally {
    if (state.asked.signal === signal) at("result").removeAttribute("aria-busy");
  }
}

function showLabels(ranked, text) {
  const items = ranked.slice(0, SHOWN_LABELS).map(({ label, probability }) => {
    const bar = element("span", { className: "bar" });
    bar.style.width = (100 * Math.min(1, Math.max(0, probability || 0))).toFixed(2) + "%";
    const button = element("button", { type: "button", title: "Show the words that speak for this label" },
      element("span", { className: "name", dir: "auto" }, label),
      element("span", { className: "number" }, percent(probability)),
      element("span", { className: "track" }, bar));
    button.dataset.label = label;
    button.setAttribute("aria-pressed", "false");
    button.addEventListener("click", () => {
      if (state.asked) state.asked.abort();
      state.asked = new AbortController();
      explain(text, label, state.asked.signal).catch(tell);
    });
    return element("li", {}, button);
  });
  at("labels").replaceChildren(...items);
  const rest = ranked.length - items.length;
  at("more").hidden = rest === 0 && ranked.length > 0;
  at("more").textContent = ranked.length === 0 ? "No label is more probable than not." : "and " + rest + " more labels";
  at("spoken").textContent = ranked.length === 0
    ? at("more").textContent
    : ranked[0].label + ", " + percent(ranked[0].probability);
  at("why").hidden = true;
  at("result").hidden = false;
}

async function explain(text, label, signal) {
  const model = state.models.find((one) => one.name === at("model").value) || state.models[0];
  if (model && model.methods && model.methods.length === 0) return;
  const found = await ask("explain", { texts: [text], model: at("model").value || undefined, label }, signal);
  showWords(found.explanations[0]);
}

/* A text as its words and what stands between them; ranges count bytes. */
function parts(explanation, label) {
  const bytes = new TextEncoder().encode(explanation.text);
  const decoder = new TextDecoder();
  const slice = (from, to) => decoder.decode(bytes.subarray(from, to));
  const found = [];
  let end = 0;
  for (const { range, contributions } of explanation.words) {
    if (range[0] < end) continue;
    found.push({ text: slice(end, range[0]), value: null });
    found.push({ text: slice(range[0], range[1]), value: contributions[label] });
    end = range[1];
  }
  found.push({ text: slice(end, bytes.length), value: null });
  return found.filter((part) => part.text);
}

function showWords(explanation) {
  const label = explanation.labels.indexOf(explanation.label);
  const words = parts(explanation, label);
  const most = Math.max(0, ...words.map((part) => Math.abs(part.value || 0)));
  const nodes = words.map(({ text, value }) => {
    if (value === null || most === 0 || Math.abs(value) / most < 0.06) return text;
    const side = value > 0 ? "for" : "against";
    const mark = element("mark", { className: side, title: signed(value) }, text);
    mark.style.backgroundColor = "rgba(var(--" + side + "), " + (0.6 * Math.abs(value) / most).toFixed(3) + ")";
    return mark;
  });
  at("words").replaceChildren(...nodes);
  at("why-label").textContent = "for and against " + explanation.label;
  at("estimate").textContent = explanation.method === "exact" ? "" : "The numbers are an estimate.";
  const strongest = words.filter((part) => part.value).sort((a, b) => Math.abs(b.value) - Math.abs(a.value));
  at("strongest").replaceChildren(...strongest.slice(0, SHOWN_WORDS).map((part) => element("tr", {},
    element("td", { dir: "auto" }, part.text), element("td", { className: "number" }, signed(part.value)))));
  for (const button of at("labels").querySelectorAll("button")) {
    button.setAttribute("aria-pressed", String(button.dataset.label === explanation.label));
  }
  at("why").hidden = false;
}

/* ---- Files ---- */

/* The cells of a table: quotes may hold separators, line ends and doubled quotes. */
function parseTable(text, separator) {
  const rows = [];
  let row = [], cell = "", quoted = false, began = false;
  const endCell = () => { row.push(cell); cell = ""; began = false; };
  const endRow = () => { endCell(); if (row.length > 1 || row[0] !== "") rows.push(row); row = []; };
  for (let place = 0; place < text.length; place += 1) {
    const letter = text[place];
    if (quoted) {
      if (letter !== '"') cell += letter;
      else if (text[place + 1] === '"') { cell += '"'; place += 1; }
      else quoted = false;
    } else if (letter === '"' && !began) { quoted = true; began = true; }
    else if (letter === separator) endCell();
    else if (letter === "\n") endRow();
    else if (letter === "\r" && text[place + 1] === "\n") { endRow(); place += 1; }
    else { cell += letter; began = true; }
  }
  if (cell !== "" || row.length > 0) endRow();
  return rows;
}

/* A file's rows: of the separator that its first line has most of; without any, a text a line. */
function readTable(name, text) {
  if (/\.txt$/i.test(name)) return text.split(/\r?\n/).filter((line) => line.trim()).map((line) => [line]);
  const first = text.slice(0, text.search(/\n|$/));
  const count = (separator) => first.split(separator).length;
  const separator = /\.tsv$/i.test(name) ? "\t" : [",", ";", "\t"].sort((a, b) => count(b) - count(a))[0];
  return parseTable(text, separator);
}

async function openFile(file) {
  if (state.running) state.running.abort();
  const text = new TextDecoder().decode(await file.arrayBuffer());
  const rows = readTable(file.name, text);
  state.file = { name: file.name, rows };
  state.sorted = [];
  at("header").checked = !/\.txt$/i.test(file.name) && rows.length > 1;
  at("table-frame").hidden = at("progress").hidden = at("download").hidden = true;
  at("file-form").hidden = rows.length === 0;
  listColumns();
  const told = rows.length === 0 ? " has no rows" : ": " + (rows.length - (at("header").checked ? 1 : 0)) + " rows";
  at("file-state").textContent = file.name + told;
}

/* The column of texts is that of a known name, else that of the longest cells. */
function listColumns() {
  const { rows } = state.file;
  const width = rows.reduce((most, row) => Math.max(most, row.length), 0);
  const named = at("header").checked ? rows[0] : [];
  const lengths = Array.from({ length: width }, (_, column) =>
    rows.slice(0, 100).reduce((sum, row) => sum + (row[column] || "").length, 0));
  const known = named.findIndex((name) => /^(text|review|comment|sentence|message|tweet|body|content)$/i.test(name.trim()));
  at("column").replaceChildren(...lengths.map((_, column) =>
    element("option", { value: String(column) }, named[column] || String(column + 1))));
  at("column").value = String(known >= 0 ? known : lengths.indexOf(Math.max(...lengths)));
}

/* Rows in parts that a request may hold. */
function* chunks(rows, column) {
  let part = [], characters = 0;
  for (const row of rows) {
    const text = row[column] || "";
    if (part.length === CHUNK_ROWS || (part.length > 0 && characters + text.length > CHUNK_CHARACTERS)) {
      yield part;
      part = [];
      characters = 0;
    }
    part.push(text);
    characters += text.length;
  }
  if (part.length > 0) yield part;
}

async function sortFile() {
  const column = Number(at("column").value);
  const rows = state.file.rows.slice(at("header").checked ? 1 : 0);
  state.running = new AbortController();
  const { signal } = state.running;
  state.sorted = [];
  at("rows").replaceChildren();
  at("progress").max = rows.length;
  at("progress").value = 0;
  at("progress").hidden = at("table-frame").hidden = at("stop-file").hidden = false;
  at("sort-file").disabled = true;
  at("download").hidden = true;
  tell(null);
  try {
    for (const texts of chunks(rows, column)) {
      const model = at("model").value || undefined;
      const { predictions } = await askPatiently("predict", { texts, model, top: 1 }, signal);
      texts.forEach((text, place) => addRow(text, predictions[place][0]));
      at("progress").value = state.sorted.length;
    }
  } catch (error) {
    tell(error);
  } finally {
    at("sort-file").disabled = false;
    at("stop-file").hidden = at("progress").hidden = true;
    at("download").hidden = state.sorted.length === 0;
    const rest = state.sorted.length > SHOWN_ROWS ? "; the first " + SHOWN_ROWS + " are shown" : "";
    at("file-state").textContent = state.sorted.length + " of " + rows.length + " rows sorted" + rest;
    state.running = null;
  }
}

function addRow(text, best) {
  state.sorted.push(best || { label: "", probability: null });
  const number = state.sorted.length;
  if (number > SHOWN_ROWS) return;
  const short = text.length > 160 ? text.slice(0, 160) + "…" : text;
  const { label, probability } = state.sorted[number - 1];
  at("rows").append(element("tr", {},
    element("td", { className: "number" }, String(number)),
    element("td", { dir: "auto" }, label),
    element("td", { className: "number" }, percent(probability)),
    element("td", { dir: "auto" }, short)));
}

/* The file with two columns more. */
function sortedTable() {
  const quoted = (cell) => (/[",\r\n]/.test(cell) ? '"' + cell.replaceAll('"', '""') + '"' : cell);
  const line = (cells) => cells.map((cell) => quoted(String(cell))).join(",") + "\r\n";
  const { rows } = state.file;
  const named = at("header").checked ? 1 : 0;
  const width = rows.reduce((most, row) => Math.max(most, row.length), 0);
  const filled = (row) => row.concat(Array(width - row.length).fill(""));
  const head = named ? line(filled(rows[0]).concat("predicted_label", "probability")) : "";
  return head + state.sorted.map(({ label, probability }, place) =>
    line(filled(rows[named + place]).concat(label, probability === null ? "" : probability))).join("");
}

function download() {
  const address = URL.createObjectURL(new Blob([sortedTable()], { type: "text/csv" }));
  const name = state.file.name.replace(/\.[^.]*$/, "") + "-sorted.csv";
  element("a", { href: address, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(address), 10000);
}

/* ---- Events ---- */

const stopped = (work) => (event) => { event.preventDefault(); return work(event); };

at("text-form").addEventListener("submit", stopped(sortText));
at("text").addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) stopped(sortText)(event);
});
at("model").addEventListener("change", () => { if (!at("result").hidden) sortText(); });
at("key-form").addEventListener("submit", stopped(() => {
  state.key = at("key").value.trim();
  return /* A link may bring a text, as /#text=never%20again. */
async function start() {
  await loadModels();
  const text = new URLSearchParams(location.hash.slice(1).replaceAll("+", "%2B")).get("text");
  if (!text) return;
  at("text").value = text;
  await sortText();
}

start().catch(tell);
}));
at("file").addEventListener("change", () => {
  const [file] = at("file").files;
  if (file) openFile(file).catch(tell);
});
at("header").addEventListener("change", listColumns);
at("file-form").addEventListener("submit", stopped(sortFile));
at("stop-file").addEventListener("click", () => state.running && state.running.abort());
at("download").addEventListener("click", download);
for (const kind of ["dragenter", "dragover"]) {
  at("drop").addEventListener(kind, stopped(() => at("drop").classList.add("over")));
}
at("drop").addEventListener("dragleave", () => at("drop").classList.remove("over"));
at("drop").addEventListener("drop", stopped((event) => {
  at("drop").classList.remove("over");
  const [file] = event.dataTransfer.files;
  if (file) openFile(file).catch(tell);
}));
/* What misses the field would replace the page. */
for (const kind of ["dragover", "drop"]) {
  document.addEventListener(kind, (event) => event.preventDefault());
}
/* A link may bring a text, as /#text=never%20again. */
async function start() {
  await loadModels();
  const text = new URLSearchParams(location.hash.slice(1).replaceAll("+", "%2B")).get("text");
  if (!text) return;
  at("text").value = text;
  await sortText();
}

start().catch(tell);
