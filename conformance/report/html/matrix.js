"use strict";
(() => {
  const runs = JSON.parse(document.getElementById("data").textContent);
  const rows = [...document.querySelectorAll("tr[data-id]")];
  const byId = (id) => document.getElementById(id);

  // --- Filters: the table is there already; rows are only hidden. ---
  const filters = { find: byId("find"), verdict: byId("verdict"), level: byId("level"),
                    client: byId("client"), differ: byId("differ") };
  const verdictsOf = (row, client) =>
    [...row.querySelectorAll(".v")].filter((cell) => client === "" || cell.dataset.run === client)
      .map((cell) => cell.textContent);
  const fill = (select, choices) => {
    for (const [value, text] of choices) select.add(new Option(text, value));
  };
  const all = [["", "all"]];
  fill(filters.verdict, all.concat([["!", "not passed"]],
    [...new Set(rows.flatMap((row) => verdictsOf(row, "")))].sort().map((v) => [v, v])));
  fill(filters.level, all.concat([...new Set(rows.map((row) => row.dataset.level))].map((v) => [v, v])));
  fill(filters.client, all.concat(runs.map((run, i) => [String(i), run.run.client])));
  filters.differ.parentElement.hidden = runs.length < 2;

  const isPass = (verdict) => verdict === "pass" || verdict === "pass-nonstrict";
  const isWanted = (row) => {
    const words = filters.find.value.toLowerCase();
    if (words && !row.dataset.find.includes(words)) return false;
    if (filters.level.value && row.dataset.level !== filters.level.value) return false;
    const verdicts = verdictsOf(row, filters.client.value);
    if (filters.differ.checked && new Set(verdictsOf(row, "")).size < 2) return false;
    if (filters.verdict.value === "!") return verdicts.some((verdict) => !isPass(verdict));
    return filters.verdict.value === "" || verdicts.includes(filters.verdict.value);
  };
  const apply = () => {
    let shown = 0;
    for (const row of rows) {
      row.hidden = !isWanted(row);
      if (!row.hidden) ++shown;
    }
    for (const body of document.querySelectorAll("tbody")) {
      body.hidden = !body.querySelector("tr[data-id]:not([hidden])");
    }
    byId("count").textContent = `${shown} of ${rows.length} cases`;
  };
  byId("filters").hidden = false;
  byId("filters").addEventListener("input", apply);
  byId("filters").addEventListener("submit", (event) => event.preventDefault());
  apply();

  // --- A cell, told in full. Everything is set as text: nothing of a report is ever markup. ---
  const element = (tag, text, classes) => {
    const made = document.createElement(tag);
    if (text !== undefined) made.textContent = text;
    if (classes) made.className = classes;
    return made;
  };
  const pairs = (entries) => {
    const list = element("dl");
    for (const [name, value] of entries) {
      if (value === undefined || value === "") continue;
      list.append(element("dt", name), element("dd", String(value)));
    }
    return list;
  };
  const section = (title, ...children) => {
    if (children.length === 0) return [];
    return [element("h3", title), ...children];
  };
  const took = (us) => us < 1000 ? `${us} µs` : us < 1e7 ? `${Math.round(us / 1000)} ms` : `${(us / 1e6).toFixed(1)} s`;
  const finding = (seen) => {
    const box = element("div", undefined, "finding");
    box.append(pairs([["finding", seen.id + (seen.step ? ` in step ${seen.step}` : "")],
                      ["expected", seen.expected], ["seen", seen.seen], ["why", seen.why]]));
    return box;
  };
  const exchange = (one, named) => {
    const line = element("div", undefined, "exchange");
    if (one.rule) line.classList.add("fired");
    if (named.has(one.number)) line.classList.add("named");
    const status = one.status ? one.status : "no answer";
    const sent = one.body_sent === one.body_size ? `${one.body_size} bytes` : `${one.body_sent} of ${one.body_size} bytes`;
    line.append(`#${one.number} ${one.method} ${one.host} ${one.target}${one.name ? ` (${one.name})` : ""} → ${status}, ${sent}, ${one.ending ?? ""}`);
    if (one.rule) line.append(" ← rule ", element("span", one.rule, "rule"));
    const headers = (lines, mark) => (lines ?? []).map(([name, value]) => `${mark} ${name}: ${value}`);
    const text = [...headers(one.request_headers, ">"), ...headers(one.response_headers, "<")].join("\n");
    if (text) {
      const more = element("details");
      more.append(element("summary", "headers"), element("pre", text));
      line.append(more);
    }
    return line;
  };
  const step = (one) => {
    const box = element("div");
    box.append(pairs([["step", `${one.do} ${one.reference ?? ""}: ${one.outcome}, status ${one.exit_status}, ${took(one.took_us)}`],
                      ["class", one.error_class], ["command", (one.command ?? []).join(" ")]]));
    if (one.err) box.append(element("pre", one.err));
    return box;
  };
  const specs = (report) => {
    const list = element("ul");
    for (const anchor of report.spec ?? []) {
      const known = anchors[anchor];
      const item = element("li");
      if (known) {
        // The address of what lies in this project's own repository is no link from wherever the page is.
        const link = element(known.url.startsWith("https://") ? "a" : "span", known.title);
        if (link.tagName === "A") {
          link.href = known.url;
          link.rel = "noreferrer";
        }
        item.append(link, `: ${known.says}`);
      } else {
        item.append(anchor);
      }
      list.append(item);
    }
    return list;
  };
  const anchors = JSON.parse(byId("anchors").textContent);

  const dialog = byId("cell");
  const tell = (run, index) => {
    const report = runs[run].cases[index];
    const named = new Set((report.findings ?? []).flatMap((found) => found.exchanges ?? []));
    const exchanges = (report.exchanges ?? []).map((one) => exchange(one, named));
    const hidden = (report.exchanges_seen ?? 0) - exchanges.length;
    if (hidden > 0) exchanges.push(element("p", `… and ${hidden} more`));
    byId("cell-title").textContent = `${report.id}: ${report.verdict} (${runs[run].run.client} ${runs[run].run.client_version ?? ""})`;
    byId("cell-body").replaceChildren(
      element("p", report.title),
      pairs([["level", report.level], ["why", report.why], ["reason", report.reason], ["took", report.took_us ? took(report.took_us) : ""]]),
      ...section("It rests on", ...((report.spec ?? []).length ? [specs(report)] : [])),
      ...section("What was expected, and what was seen", ...(report.findings ?? []).map(finding)),
      ...section("Noted", ...(report.notes ?? []).map((note) => element("p", note))),
      ...section("What the client did", ...(report.steps ?? []).map(step)),
      ...section("What the registry saw", ...exchanges),
      ...section("Run only this again", ...(report.again ? [element("pre", report.again)] : [])));
    if (!dialog.open) dialog.showModal();
    dialog.scrollTop = 0;
  };

  // --- Opening by click, by keyboard and by address: #client/case.id ---
  let opener = null;
  const open = (cell) => {
    opener = cell;
    tell(Number(cell.dataset.run), Number(cell.dataset.case));
    history.replaceState(null, "", `#${encodeURIComponent(runs[cell.dataset.run].run.client)}/${cell.closest("tr").dataset.id}`);
  };
  document.querySelector("table").addEventListener("click", (event) => {
    const cell = event.target.closest(".v");
    if (cell) open(cell);
  });
  dialog.addEventListener("close", () => {
    history.replaceState(null, "", location.pathname + location.search);
    if (opener) opener.focus();
  });
  dialog.addEventListener("click", (event) => { if (event.target === dialog) dialog.close(); });

  // Arrows move from cell to cell, as in a spreadsheet.
  const steps = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };
  document.querySelector("table").addEventListener("keydown", (event) => {
    const cell = event.target.closest(".v");
    const move = steps[event.key];
    if (!cell || !move) return;
    event.preventDefault();
    const shown = rows.filter((row) => !row.hidden);
    const columns = (row) => [...row.querySelectorAll("td")];
    let y = shown.indexOf(cell.closest("tr")), x = columns(cell.closest("tr")).indexOf(cell.closest("td"));
    for (;;) {
      y += move[0];
      x += move[1];
      const target = shown[y] && columns(shown[y])[x];
      if (!target) return;
      const button = target.querySelector(".v");
      if (button) return button.focus();
    }
  });

  const [client, id] = location.hash.slice(1).split("/");
  const row = rows.find((candidate) => candidate.dataset.id === id);
  const run = runs.findIndex((candidate) => candidate.run.client === decodeURIComponent(client));
  const linked = row && row.querySelector(`.v[data-run="${run}"]`);
  if (linked) open(linked);
})();
