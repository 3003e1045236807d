// Draws the model it is given. It holds no prose: every text comes finished from Python. Texts are only ever set as
// text; the sparklines, which are drawn by us from numbers alone, are the one exception.
(() => {
  "use strict";
  const data = JSON.parse(document.getElementById("data").textContent);
  const page = document.getElementById("page");
  const SVG = "http://www.w3.org/2000/svg";
  let views = [];

  const el = (tag, attributes, ...children) => {
    const node = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes || {})) if (value !== "" && value != null) node.setAttribute(name, value);
    for (const child of children.flat(3)) if (child !== "" && child != null) node.append(child);
    return node;
  };
  const drawing = (source, label) => {
    const node = new DOMParser().parseFromString(source, "image/svg+xml").documentElement;
    node.setAttribute("role", "img");
    node.setAttribute("aria-label", label);
    return document.importNode(node, true);
  };
  const shape = (name, attributes) => {
    const node = document.createElementNS(SVG, name);
    for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
    return node;
  };
  const bar = (parts) => {
    const node = shape("svg", { viewBox: "0 0 100 12", preserveAspectRatio: "none", "aria-hidden": "true" });
    for (const part of parts) node.append(shape("rect", part));
    return node;
  };
  const FILLS = { good: "#8fbde0", bad: "#b3261e", warn: "#a86a10", neutral: "#b9c1c9" };
  const bullet = (cell) => el("div", { class: "bullet" }, el("span", {}, cell.text), bar([
    { x: 0, y: 2, width: 100, height: 8, fill: "#eef1f4" },
    { x: 0, y: 2, width: cell.bar * 100, height: 8, fill: FILLS[cell.tone] },
    { x: cell.tick * 100 - 0.8, y: 0, width: 1.6, height: 12, fill: "#1b2530" },
  ]));
  const swing = (cell) => el("div", { class: "swing" }, bar([
    { x: cell.swing < 0 ? 50 + cell.swing * 50 : 50, y: 2, width: Math.abs(cell.swing) * 50, height: 8, fill: cell.swing < 0 ? "#c9695f" : "#6ea98a" },
    { x: 49.6, y: 0, width: 0.8, height: 12, fill: "#55606c" },
  ]));
  const marked = (cell) => el("span", { class: `strong ${cell.tone}` }, el("span", { "aria-hidden": "true" }, cell.mark), " ", cell.text);
  const draw = (cell) => {
    if (typeof cell === "string") return cell;
    if ("swing" in cell) return swing(cell);
    if ("bar" in cell) return bullet(cell);
    if ("plain" in cell) return el("span", {}, el("span", { class: cell.tone, "aria-hidden": "true" }, cell.mark), " ", cell.plain);
    const first = "mark" in cell ? marked(cell) : el("span", { class: "strong" }, cell.text);
    return cell.below ? el("div", {}, first, el("div", { class: "below" }, cell.below)) : first;
  };
  const row = (columns, cells, className) => el("tr", { class: className }, cells.map((cell, i) =>
    el("td", { class: columns[i].align === "right" ? "right" : "", "data-label": columns[i].label }, draw(cell))));
  const table = (t, className) => {
    if (!t.rows.length) return el("p", { class: "quiet" }, t.empty);
    const body = el("tbody", {}, t.rows.map((cells) => row(t.columns, cells)));
    if (t.total.length) body.append(row(t.columns, t.total, "total"));
    const head = el("tr", {}, t.columns.map((c) => el("th", { class: c.align === "right" ? "right" : "", scope: "col" }, c.label)));
    return el("div", { class: "scroll" }, el("table", { class: className }, el("thead", {}, head), body));
  };
  const panel = (title, subtitle, ...children) => el("section", { class: "panel" }, el("h2", {}, title), subtitle ? el("p", { class: "quiet small" }, subtitle) : "", children);

  const chart = (c) => {
    const place = el("div", { class: "chart", role: "img", "aria-label": c.alt });
    views.push({ place, spec: c.vega, margin: c.margin, least: c.least });
    return el("div", {}, c.title ? el("h3", {}, c.title) : "", place);
  };
  const charts = (section) => panel(section.title, section.subtitle,
    section.charts.length > 1 ? el("div", { class: "two" }, section.charts.map(chart)) : section.charts.map(chart));
  const drawCharts = () => {
    for (const entry of views) {
      const width = Math.max(entry.least, entry.place.clientWidth);
      if (entry.width === width) continue;
      entry.width = width;
      if (!entry.view) {
        const parsed = vega.parse(entry.spec, {}, { ast: true });
        entry.view = new vega.View(parsed, { expr: vega.expressionInterpreter, renderer: "svg", container: entry.place, hover: true });
      }
      entry.view.width(width - entry.margin).runAsync();
    }
  };

  const card = (k) => el("article", { class: `card is-${k.status.tone}` },
    el("div", { class: "top" }, el("span", { class: "quiet" }, k.name), el("span", { class: "small" }, marked(k.status))),
    el("div", { class: "value" }, k.value, k.note ? el("span", { class: "small bad" }, ` ${k.note}`) : ""),
    drawing(k.sparkline, k.alt),
    k.comparisons.map((c) => el("div", { class: "small" },
      el("span", { class: `strong ${c.tone}` }, c.arrow === "up" ? "▲ " : c.arrow === "down" ? "▼ " : "", c.change), " ", el("span", { class: "quiet" }, c.versus))));

  const purchases = (m) => {
    const p = m.purchases;
    const search = el("input", { type: "search", placeholder: m.page.search, "aria-label": m.page.search });
    const shown = el("span", { class: "quiet small", role: "status" });
    const download = el("button", { type: "button" }, m.page.download);
    const whole = table(p, "stack");
    const rows = [...whole.querySelectorAll("tbody tr:not(.total)")];
    const texts = rows.map((node) => node.textContent.toLowerCase());
    const filter = () => {
      const wanted = search.value.trim().toLowerCase();
      let count = 0;
      rows.forEach((node, i) => { const hit = texts[i].includes(wanted); node.hidden = !hit; node.style.display = hit ? "" : "none"; count += hit; });
      shown.textContent = m.page.shown.replace("{shown}", count).replace("{all}", rows.length);
    };
    search.addEventListener("input", filter);
    download.addEventListener("click", () => {
      const link = el("a", { href: URL.createObjectURL(new Blob(["\ufeff", data.purchases_csv], { type: "text/csv" })), download: "purchase_list.csv" });
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 10000);
    });
    filter();
    whole.classList.add("tall");
    return panel(p.title, p.rows.length < p.due ? p.subtitle.some.replace("{shown}", p.rows.length) : p.subtitle.all, el("div", { class: "tools" }, search, download, shown), whole,
      p.rows.length ? el("p", { class: "quiet small" }, p.rule) : "", p.note ? el("p", { class: "quiet small" }, p.note) : "");
  };

  const attention = (m) => panel(m.labels.attention, "", m.attention.length ? table({
    columns: [m.labels.finding, m.labels.action, m.labels.owner].map((label) => ({ label, align: "left" })), total: [], empty: "",
    rows: m.attention.map((a) => [{ mark: a.mark.mark, tone: a.mark.tone, plain: a.what }, a.action, { text: a.owner }]),
  }, "stack") : el("p", {}, m.labels.nothing));

  const languages = () => Object.keys(data.models);
  const render = (language) => {
    const m = data.models[language];
    for (const entry of views) if (entry.view) entry.view.finalize();
    views = [];
    document.documentElement.lang = m.language;
    document.title = `${m.headline} · ${m.week}`;
    const switches = languages().length > 1 ? languages().map((name) => {
      const button = el("button", { type: "button", "aria-pressed": String(name === language), lang: data.models[name].language }, data.models[name].page.language);
      button.addEventListener("click", () => { location.hash = name; render(name); });
      return button;
    }) : [];
    page.replaceChildren(
      el("header", {}, el("div", {},
        el("div", { class: "quiet" }, [m.shop, m.name, m.week].filter(Boolean).join(" · ")),
        el("h1", {}, m.headline), m.late ? el("p", { class: "late" }, m.late) : "", el("div", {}, m.lead)),
        el("div", { class: "tools" }, switches)),
      attention(m),
      m.cards.length ? el("div", { class: "cards" }, m.cards.map(card)) : panel(m.labels.figures, m.labels.no_figures),
      m.cards.length ? el("p", { class: "quiet small" }, m.labels.sparkline) : "",
      charts(m.history), charts(m.daily),
      panel(m.accuracy.title, "", table(m.accuracy)),
      purchases(m),
      m.market.is_watched ? panel(m.market.title, m.market.subtitle, table(m.market, "stack")) : "",
      panel(m.drivers.title, m.drivers.subtitle, el("div", { class: "two even" }, m.drivers.blocks.map((b) => table(b)))),
      panel(m.top.title, "", table(m.top)),
      panel(m.pairs.title, m.pairs.subtitle, table(m.pairs)),
      panel(m.assumptions.title, "", table(m.assumptions)),
      panel(m.health.title, "", table(m.health), m.health.note ? el("p", { class: "quiet small" }, m.health.note) : ""),
      panel(m.reconciliation.title, "", table(m.reconciliation)),
      panel(m.labels.glossary, "", el("dl", {}, m.glossary.map((g) => el("div", {}, el("dt", {}, g.term), " ", el("dd", {}, g.text))))),
      panel(m.labels.notes, "", el("ul", {}, m.notes.map((note) => el("li", {}, note)))),
      el("footer", {}, m.footer));
    drawCharts();
  };
  const wanted = () => {
    const named = decodeURIComponent(location.hash.slice(1));
    if (data.models[named]) return named;
    const own = navigator.language.slice(0, 2);
    return languages().find((name) => name.slice(0, 2) === own) || languages()[0];
  };
  render(wanted());
  addEventListener("resize", drawCharts);
  addEventListener("hashchange", () => render(wanted()));
})();
