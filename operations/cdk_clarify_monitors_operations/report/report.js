// Shows the values of a chart under the pointer or, with the arrow keys, of the chart that has the focus. The charts
// themselves need no script.
(() => {
  const data = JSON.parse(document.getElementById("report-times").textContent);
  const [first, last] = data.domain;
  let active = null;

  const prepare = (chart) => {
    if (chart.values) return;
    chart.values = chart.dataset.values.split(";");
    chart.marks = new Set((chart.dataset.marks || "").split(","));
    chart.cursor = document.createElement("span");
    chart.cursor.className = "cursor";
    chart.append(chart.cursor);
  };
  const hide = () => { if (active) active.classList.remove("on"); active = null; };
  const show = (chart, number) => {
    if (active !== chart) hide();
    active = chart;
    chart.number = number;
    const { left, right, width } = chart.dataset;
    const share = last > first ? (data.times[number] - first) / (last - first) : 0.5;
    const x = (Number(left) + share * (width - left - right)) / width * chart.clientWidth;
    const output = chart.querySelector("output");
    const value = chart.values[number] || data.outcomes[number];
    output.textContent = `${data.labels[number]}  ${value}${chart.marks.has(String(number)) ? "  violation" : ""}`;
    chart.classList.add("on");
    chart.cursor.style.left = `${x}px`;
    output.style.left = `${Math.max(0, Math.min(x - output.offsetWidth / 2, chart.clientWidth - output.offsetWidth))}px`;
  };
  const nearest = (time) => {
    let best = 0;
    data.times.forEach((each, number) => { if (Math.abs(each - time) < Math.abs(data.times[best] - time)) best = number; });
    return best;
  };
  document.addEventListener("pointermove", (event) => {
    const chart = event.target.closest ? event.target.closest(".chart") : null;
    if (!chart || !data.times.length) return document.activeElement === active ? undefined : hide();
    prepare(chart);
    const box = chart.getBoundingClientRect();
    const { left, right, width } = chart.dataset;
    const share = ((event.clientX - box.left) / box.width * width - left) / (width - left - right);
    show(chart, nearest(first + share * (last - first)));
  });
  document.addEventListener("keydown", (event) => {
    const chart = document.activeElement;
    const step = { ArrowLeft: -1, ArrowRight: 1, Home: -Infinity, End: Infinity }[event.key];
    if (!step || !chart.classList.contains("chart") || !data.times.length) return;
    event.preventDefault();
    prepare(chart);
    const from = chart.number ?? data.times.length - (step < 0 ? 0 : 1);
    show(chart, Math.max(0, Math.min(data.times.length - 1, from + step)));
  });
  document.addEventListener("focusout", hide);
  const closed = [];
  addEventListener("beforeprint", () => document.querySelectorAll("details:not([open])").forEach((each) => {
    each.open = true;
    closed.push(each);
  }));
  addEventListener("afterprint", () => closed.splice(0).forEach((each) => { each.open = false; }));
})();
