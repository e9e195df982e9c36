import { figure, heightAt, stepWidth, type Chart } from './chart.ts';
import { html, type Html } from './html.ts';
import { scaleTo } from './scale.ts';

const dot = stepWidth / 20;

/** Lines over time; where nothing is known, they are broken. */
export function lineChart(chart: Chart): Html {
  const { series } = chart;
  const known = series.flatMap(({ values }) => values.filter((value) => value !== undefined));
  const scale = scaleTo(Math.max(0, ...known), false);
  const paths = series.map(({ values, colour, dash }) => {
    let pen = 'M';
    const points = values.map((value, index) => {
      if (value === undefined) {
        pen = 'M';
        return '';
      }
      // What stands alone is no line: it is drawn as a short one, as long as a dot is wide.
      const isAlone = pen === 'M' && values[index + 1] === undefined;
      const middle = (index + 0.5) * stepWidth;
      const height = heightAt(value, scale);
      const point = isAlone ? `M${middle - dot / 2} ${height}h${dot}` : `${pen}${middle} ${height}`;
      pen = 'L';
      return point;
    });
    return html`<path class="line s${colour}${dash !== undefined && ` ${dash}`}" d="${points.join('')}" />`;
  });
  return figure(chart, scale, paths);
}
