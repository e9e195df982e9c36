import { figure, heightAt, stepWidth, type Chart } from './chart.ts';
import { html, type Html } from './html.ts';
import { scaleTo } from './scale.ts';

export interface StackedChart extends Omit<Chart, 'all'> {
  /** Whether only whole numbers are ticks. */
  readonly whole: boolean;
}

/** Bars over time, of parts that lie one upon the other: the first series at the bottom. */
export function stackedChart({ whole, ...chart }: StackedChart): Html {
  const { axis, series } = chart;
  const bottoms = axis.map(() => 0);
  const layers = series.map(({ values }) =>
    axis.map((_, index) => {
      const from = bottoms[index] ?? 0;
      const to = from + (values[index] ?? 0);
      bottoms[index] = to;
      return { from, to };
    }),
  );
  const scale = scaleTo(Math.max(0, ...bottoms), whole);
  // Few bars are not as wide as the page.
  const width = Math.round(stepWidth * Math.min(0.8, 0.12 * axis.length) * 10) / 10;
  const gap = (stepWidth - width) / 2;
  const paths = layers.map((layer, index) => {
    const bars = layer.map(({ from, to }, at) => {
      const [low, high] = [heightAt(from, scale), heightAt(to, scale)];
      return low === high ? '' : `M${at * stepWidth + gap} ${high}h${width}V${low}h${-width}z`;
    });
    return html`<path class="bar f${series[index]?.colour ?? 0}" d="${bars.join('')}" />`;
  });
  return figure({ ...chart, all: bottoms }, scale, paths);
}
