// Everything a page does beyond showing: filters, sorting, CSV, copying. No page needs it to be read.
"use strict";

const byId = (id) => document.getElementById(id);

// A page that lies about says how old it is.
for (const time of document.querySelectorAll("[data-age]")) {
  const days = Math.floor((Date.now() - Date.parse(time.dateTime)) / 864e5);
  if (days > 1) time.append(` (${days} days ago)`);
}

for (const button of document.querySelectorAll("[data-print]")) {
  button.addEventListener("click", () => window.print());
}

for (const button of document.querySelectorAll("[data-copy]")) {
  button.addEventListener("click", async () => {
    const source = byId(button.dataset.copy);
    const said = button.parentElement.querySelector("output");
    try {
      await navigator.clipboard.writeText(source.textContent);
      said.textContent = "Copied";
    } catch {
      // Without the right to the clipboard the text is selected, ready for the keyboard.
      getSelection().selectAllChildren(source);
      said.textContent = "Press Ctrl or ⌘ and C to copy";
    }
  });
}

const table = byId("queue");
if (table) queue(table);

function queue(table) {
  const form = byId("filters");
  const body = table.tBodies[0];
  const rest = (byId("rest")?.textContent ?? "").split("<tbody>").pop().split("</tr>").slice(0, -1);
  const texts = new Map();
  let most = Number(table.dataset.first);
  const plain = ["owner", "tier", "segment", "play", "priority", "status"];
  const numbers = new Set(["rank", "score", "fit", "usage", "intent"]);
  let shown = [...body.rows];

  // Of thousands of rows the first are there at once. The rest lie as text and become rows when
  // the page has time, or at once when somebody filters, sorts or asks for them.
  function take(count) {
    const holder = document.createElement("template");
    holder.innerHTML = `<table>${rest.splice(0, count).map((row) => `${row}</tr>`).join("")}</table>`;
    body.append(...holder.content.querySelectorAll("tr"));
  }

  function takeAll() {
    if (!rest.length) return;
    take(rest.length);
    filter();
  }

  function drip() {
    if (rest.length > 300) {
      take(300);
      setTimeout(drip);
    } else takeAll();
  }

  function lay() {
    shown.forEach((row, place) => row.classList.toggle("later", place >= most));
    const all = rest.length ? Number(table.dataset.rows) : shown.length;
    byId("more").hidden = all <= most;
    byId("more").firstElementChild.textContent =
      `The first ${most} are shown. Show all ${all.toLocaleString("en")}`;
  }

  // Whose list it is stays known, where the browser lets a file remember.
  const memory = {
    get: () => { try { return localStorage.getItem("pls-owner") || ""; } catch { return ""; } },
    set: (owner) => { try { localStorage.setItem("pls-owner", owner); } catch { /* private */ } },
  };

  function text(row) {
    if (!texts.has(row)) texts.set(row, row.textContent.toLowerCase());
    return texts.get(row);
  }

  function fits(row, wanted, words) {
    const data = row.dataset;
    const views = data.views;
    if (wanted.view === "mine" && !views.includes("due")) return false;
    if (["new", "quiet", "waiting"].includes(wanted.view) && !views.includes(wanted.view)) return false;
    return plain.every((name) => !wanted[name] || wanted[name] === data[name])
      && words.every((word) => text(row).includes(word));
  }

  function filter() {
    const wanted = Object.fromEntries(new FormData(form));
    const words = wanted.search.toLowerCase().split(/\s+/).filter(Boolean);
    shown = [...body.rows].filter((row) => {
      row.hidden = !fits(row, wanted, words);
      return !row.hidden;
    });
    lay();
    const mine = wanted.view === "mine" && !wanted.owner;
    byId("found").textContent =
      `${shown.length.toLocaleString("en")} account${shown.length === 1 ? "" : "s"}`
      + (mine ? ", due today, of everybody: choose yourself as owner" : "");
    byId("none").hidden = shown.length > 0;
    table.parentElement.hidden = shown.length === 0;
  }

  // A cell that begins like a formula is text to a spreadsheet only behind an apostrophe.
  function cell(value) {
    const text = /^[=+\-@\t\r]/.test(value) && !/^-?\d+(\.\d+)?$/.test(value) ? `'${value}` : value;
    return `"${text.replaceAll('"', '""')}"`;
  }

  function csv() {
    const columns = {
      rank: "queue_position", id: "account_id", account: "company_name", tier: "tier_name",
      segment: "segment", motion: "motion", play: "play", priority: "priority", status: "status",
      score: "score", fit: "fit_score", usage: "usage_score", intent: "intent_score",
      reason: "reason", contact: "contact", email: "contact_email", owner: "owner_id",
      ownername: "owner_name", acv: "estimated_acv_usd", due: "due_by",
    };
    const lines = [Object.values(columns).map(cell).join(",")];
    for (const row of shown) {
      lines.push(Object.keys(columns).map((key) =>
        cell(key === "owner" && row.dataset.owner === "-" ? "" : row.dataset[key])).join(","));
    }
    // The mark of UTF-8 in front keeps spreadsheets from guessing another alphabet.
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob(["\ufeff", lines.join("\r\n"), "\r\n"], { type: "text/csv" }));
    link.download = "queue.csv";
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  }

  for (const asked of [form, table.tHead, byId("more")]) {
    for (const kind of ["input", "click"]) asked.addEventListener(kind, takeAll, true);
  }
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("input", filter);
  form.addEventListener("reset", () => { memory.set(""); setTimeout(filter); });
  form.owner.addEventListener("change", () => memory.set(form.owner.value));
  byId("clear").addEventListener("click", () => form.reset());
  byId("more").addEventListener("click", () => { most = Infinity; lay(); });
  byId("csv").addEventListener("click", csv);
  sortable(table, numbers, () => { shown = [...body.rows].filter((row) => !row.hidden); lay(); });
  if ([...form.owner.options].some((option) => option.value === memory.get())) {
    form.owner.value = memory.get();
  }
  if (!rest.length) filter();
  else if (form.owner.value) takeAll();
  else {
    lay();
    setTimeout(drip);
  }
}

// Rows tell what they are sorted by in data-*; what is not known comes last, up or down.
function sortable(table, numbers, sorted = () => {}) {
  const body = table.tBodies[0];
  const heads = [...table.tHead.rows[0].cells];
  function sort(head, key) {
    const down = head.getAttribute("aria-sort") === "ascending";
    for (const other of heads) other.removeAttribute("aria-sort");
    head.setAttribute("aria-sort", down ? "descending" : "ascending");
    const order = numbers.has(key)
      ? (a, b) => a - b
      : (a, b) => a.localeCompare(b, "en", { sensitivity: "base" });
    const by = ({ dataset: a }, { dataset: b }) =>
      (a[key] === "") - (b[key] === "")
      || (down ? order(b[key], a[key]) : order(a[key], b[key]))
      || a.rank - b.rank;
    body.append(...[...body.rows].sort(by));
    sorted();
  }
  for (const head of heads) {
    const button = head.querySelector("button");
    if (button) button.addEventListener("click", () => sort(head, button.dataset.sort));
  }
}

for (const signals of document.querySelectorAll("table[data-sortable]")) {
  const numeric = [...signals.tHead.rows[0].cells].filter((head) => head.matches(".num:has(button)"));
  sortable(signals, new Set(numeric.map((head) => head.querySelector("button").dataset.sort)));
}

for (const place of document.querySelectorAll("[data-simulator]")) simulate(place);

// What calling from a score on would have given; the numbers also stand in a table.
function simulate(place) {
  const level = place.dataset.simulator;
  const { rows, horizon_days: days, one, many } = JSON.parse(byId(`thresholds-${level}`).textContent);
  const slider = place.querySelector("input");
  const told = place.querySelector("output");
  const chart = byId(`curve-${level}`).querySelector("svg");
  const marker = chart.querySelector("[data-marker]");
  const { low, high, left, right } = Object.fromEntries(
    Object.entries(chart.dataset).map(([name, value]) => [name, Number(value)]));
  const write = (value, digits, unit = "") => value === null ? "unknown"
    : value.toLocaleString("en", { maximumFractionDigits: digits }) + unit;
  const share = (value) => value === null ? "unknown" : `${(100 * value).toFixed(1)}\u00a0%`;
  const ways = {
    entities_per_week: (value) => write(value, 1), precision: share, recall: share,
    lift: (value) => write(value, 1, " times"), conversions: (value) => write(value, 0),
    missed_conversions: (value) => write(value, 0), self_serve_share: share,
  };
  let later;

  function show() {
    const score = Number(slider.value);
    const row = rows.reduce((best, each) =>
      Math.abs(each.threshold - score) < Math.abs(best.threshold - score) ? each : best);
    place.querySelector("[data-value]").textContent = row.threshold;
    slider.setAttribute("aria-valuetext", `score ${row.threshold}`);
    for (const [name, text] of Object.entries(ways)) {
      place.querySelector(`[data-figure="${name}"]`).textContent = text(row[name]);
    }
    for (const button of place.querySelectorAll("[data-set]")) {
      button.setAttribute("aria-pressed", String(Number(button.dataset.set) === row.threshold));
    }
    const x = left + (right - left) * (row.threshold - low) / (high - low);
    marker.setAttribute("x1", x);
    marker.setAttribute("x2", x);
    // A slider under way would talk without end.
    clearTimeout(later);
    later = setTimeout(() => {
      told.textContent = `From ${row.threshold} on: ${write(row.entities_per_week, 1)} new `
        + `${row.entities_per_week === 1 ? one : many} a week; ${share(row.precision)} of the looks `
        + `were followed by paying within ${days} days, and ${share(row.recall)} of those that `
        + "were are found.";
    }, 150);
  }

  slider.addEventListener("input", show);
  for (const button of place.querySelectorAll("[data-set]")) {
    button.addEventListener("click", () => { slider.value = button.dataset.set; show(); });
  }
  marker.removeAttribute("hidden");
  place.hidden = false;
  show();
}
