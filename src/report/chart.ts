import { none, type Ticks } from './format.ts';
import { html, type Html, type HtmlContent } from './html.ts';
import type { Scale } from './scale.ts';
import { table } from './table.ts';
import { longTime, shortTime, type TimeStep } from './timeline.ts';

/** Colours by number, 1 to 6; 0 is that of what is told together. */
export type Colour = 0 | 1 | 2 | 3 | 4 | 5 | 6;

/** What a chart shows over time. */
export interface ChartSeries {
  readonly name: Html;
  readonly colour: Colour;
  /** Of a line: what tells it apart without its colour. Default: drawn through. */
  readonly dash?: 'dashed' | 'dotted';
  /** One for each step of the axis; `undefined`: nothing is known. */
  readonly values: readonly (number | undefined)[];
}

export interface Chart {
  /** Unique on the page; also part of ids. */
  readonly id: string;
  readonly heading: string;
  /** What it shows, in words. */
  readonly summary: HtmlContent;
  readonly axis: readonly TimeStep[];
  readonly series: readonly ChartSeries[];
  /** For the table of its numbers. */
  readonly format: (value: number) => string;
  readonly ticks: Ticks;
  /** What the series come to together, told in the table where that says something. */
  readonly all?: readonly number[];
  /** Whether a list below says which colour is what; else a table beside it does. */
  readonly hasLegend: boolean;
}

/** Units of a drawing: a step of the time axis is so wide, the whole so high. It is stretched to the room there is. */
export const stepWidth = 10;
export const plotHeight = 1_000;

/** As high as a value is, from the top. */
export function heightAt(value: number, { top }: Scale): number {
  return Math.round(plotHeight * (1 - value / top));
}

/** A figure: the drawing with its axes, what the colours mean, and all its numbers as a table. */
export function figure(chart: Chart, scale: Scale, marks: HtmlContent): Html {
  const { id, heading, summary, axis, hasLegend } = chart;
  const width = Math.max(1, axis.length) * stepWidth;
  const ticks = scale.ticks.map((tick) => ({ tick, text: chart.ticks(tick, scale.step) }));
  const longest = Math.max(...ticks.map(({ text }) => text.length));
  return html`<figure class="chart" id="${id}" style="--y:${longest}">
    <figcaption>
      <h3 id="${id}-h">${heading}</h3>
      <p id="${id}-p">${summary}</p>
    </figcaption>
    ${hasLegend && legend(chart)}
    <div class="plot">
      <ol class="y" aria-hidden="true">
        ${ticks.map(({ tick, text }) => html`<li style="bottom:${share(tick, scale.top)}%">${text}</li>`)}
      </ol>
      <svg
        class="marks"
        role="img"
        aria-labelledby="${id}-h ${id}-p"
        viewBox="0 0 ${width} ${plotHeight}"
        preserveAspectRatio="none"
      >
        <title>${heading}</title>
        <path
          class="grid"
          d="${scale.ticks.map((tick) => `M0 ${heightAt(tick, scale)}h${width}`).join('')}"
        />
        <rect class="here" width="0" height="${plotHeight}" />
        ${marks}
      </svg>
      <ol class="x" aria-hidden="true">
        ${timeLabels(axis)}
      </ol>
    </div>
    <details>
      <summary>Numbers</summary>
      ${numbers(chart)}
    </details>
  </figure>`;
}

/** Which colour is what. */
export function swatch(colour: Colour, dash?: string): Html {
  return html`<i class="k k${colour}${dash !== undefined && ` ${dash}`}"></i>`;
}

function legend({ series }: Chart): Html {
  return html`<ul class="legend" role="list">
    ${series.map(({ name, colour, dash }) => html`<li>${swatch(colour, dash)}${name}</li>`)}
  </ul>`;
}

function numbers({ heading, axis, series, format, all }: Chart): Html {
  const text = (value: number | undefined): string => (value === undefined ? none : format(value));
  return table({
    label: `${heading}: numbers`,
    caption: heading,
    hidesCaption: true,
    heads: [
      'When',
      ...(all === undefined ? [] : ['All']),
      ...series.map(({ name, colour, dash }) => html`${swatch(colour, dash)}${name}`),
    ],
    rows: axis.map((step, index) => [
      longTime(step),
      ...(all === undefined ? [] : [text(all[index])]),
      ...series.map(({ values }) => text(values[index])),
    ]),
  });
}

const mostLabels = 8;

/** Every so many steps, so that they do not touch; every other one of them is left out where there is little room. */
function timeLabels(axis: readonly TimeStep[]): readonly Html[] {
  const every = Math.max(1, Math.ceil(axis.length / mostLabels));
  return axis.flatMap((step, index) => {
    if (index % every !== 0) return [];
    const middle = (100 * (index + 0.5)) / axis.length;
    const spare = (index / every) % 2 === 1 && axis.length > 4;
    return html`<li${spare && html` class="spare"`} style="left:${middle.toFixed(2)}%">${shortTime(step)}</li>`;
  });
}

function share(value: number, top: number): string {
  return ((100 * value) / top).toFixed(2);
}
