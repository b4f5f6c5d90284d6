// Statistics pages only: draws the table that stands beside it, so that chart and table cannot differ.
// <div class="sh-chart" data-sh-chart="bar|line|pie" data-sh-table="id of the table" [data-sh-stack]></div>
// The first column names the categories, every other column whose head has `data-sh-series` is a series.
import { BarChart, LineChart, PieChart } from "echarts/charts";
import { AriaComponent, GridComponent, LegendComponent, TooltipComponent } from "echarts/components";
import { init, registerLocale, use } from "echarts/core";
import langZH from "echarts/i18n/langZH-obj.js";
import { CanvasRenderer } from "echarts/renderers";

use([BarChart, LineChart, PieChart, AriaComponent, GridComponent, LegendComponent, TooltipComponent, CanvasRenderer]);
registerLocale("ZH", langZH);

const style = getComputedStyle(document.documentElement);
const colour = (name) => style.getPropertyValue(`--sh-${name}`).trim();

function number(cell) {
  return Number(cell.dataset.shValue ?? cell.textContent.replace(/[,%\s]/g, "")) || 0;
}

function read(table) {
  const heads = [...table.tHead.rows[0].cells];
  const body = [...table.tBodies[0].rows];
  return {
    categories: body.map((row) => row.cells[0].textContent.trim()),
    series: heads
      .map((head, index) => ({ head, index }))
      .filter(({ head }) => "shSeries" in head.dataset)
      .map(({ head, index }) => ({
        name: head.textContent.trim(),
        colour: head.dataset.shSeries,
        values: body.map((row) => number(row.cells[index])),
      })),
  };
}

function axes({ categories, series }, kind, stacked) {
  return {
    grid: { left: 8, right: 12, top: 36, bottom: 4, containLabel: true },
    xAxis: { type: "category", data: categories, axisLabel: { color: colour("muted") } },
    yAxis: { type: "value", axisLabel: { color: colour("muted") }, splitLine: { lineStyle: { color: colour("line") } } },
    series: series.map((one) => ({
      type: kind,
      name: one.name,
      data: one.values,
      stack: stacked ? "all" : undefined,
      barMaxWidth: 28,
      itemStyle: one.colour ? { color: colour(one.colour) } : undefined,
    })),
  };
}

function pie({ categories, series }) {
  const data = categories.map((name, index) => ({ name, value: series[0].values[index] }));
  return { series: [{ type: "pie", radius: ["45%", "70%"], data }] };
}

function draw(box) {
  const table = document.getElementById(box.dataset.shTable);
  if (!table) return;
  const kind = box.dataset.shChart;
  const data = read(table);
  const chart = init(box, null, { locale: document.documentElement.lang.startsWith("zh") ? "ZH" : "EN" });
  chart.setOption({
    animation: false,
    aria: { enabled: true, decal: { show: true } },
    color: ["run", "done", "soon", "over", "hold"].map(colour),
    textStyle: { fontFamily: getComputedStyle(document.body).fontFamily },
    legend: { top: 0, left: 0, textStyle: { color: colour("ink") } },
    tooltip: { trigger: kind === "pie" ? "item" : "axis", renderMode: "richText" },
    ...(kind === "pie" ? pie(data) : axes(data, kind, "shStack" in box.dataset)),
  });
  new ResizeObserver(() => chart.resize()).observe(box);
}

document.querySelectorAll("[data-sh-chart]").forEach(draw);
