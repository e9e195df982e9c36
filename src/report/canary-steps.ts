import type { CanaryStatus } from '../core/canary-status.ts';
import type { Colour } from './chart.ts';
import { html, type Html } from './html.ts';

const colours: Readonly<Record<CanaryStatus['phase'], Colour>> = {
  ramping: 1,
  promoted: 3,
  'rolled-back': 6,
};

/** Between two steps. */
const gap = 0.4;

/** `25%`: as it was asked for. */
export function inPercent(percent: number): string {
  return `${percent}%`;
}

/** How far a canary is: a bar of a part for each step, and the steps in words. Of one that was rolled back, how far it had been. */
export function canarySteps({ phase, percent, step, steps }: CanaryStatus): Html {
  const reached = phase === 'rolled-back' ? (steps[step] ?? 0) : percent;
  const ends = [...steps, 100];
  const parts = ends.map((end, index) => {
    const start = index === 0 ? 0 : (ends[index - 1] ?? 0) + gap;
    const colour = end <= reached ? `f${colours[phase]}` : 'rest';
    const fades = phase === 'rolled-back' && end <= reached;
    return html`<path class="${colour}${fades && ' reserved'}" d="M${start} 0H${end}v1H${start}z" />`;
  });
  return html`<div class="steps">
    <svg class="bar meter" viewBox="0 0 100 1" preserveAspectRatio="none" aria-hidden="true">${parts}</svg>
    <small>
      ${phase === 'ramping' ? `Step ${step + 1} of ${steps.length}` : 'Steps'}:
      ${steps.map(inPercent).join(', ')}, then all
    </small>
  </div>`;
}
