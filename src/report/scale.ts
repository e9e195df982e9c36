/** A value axis from 0 up. */
export interface Scale {
  /** The last tick: at least as high as what is shown. */
  readonly top: number;
  readonly step: number;
  readonly ticks: readonly number[];
}

const steps = [1, 2, 2.5, 5, 10];

/**
 * Round ticks for values up to `most`: three to six of them.
 *
 * @param whole whether only whole numbers are ticks
 */
export function scaleTo(most: number, whole: boolean): Scale {
  const rough = (most > 0 ? most : 1) / 5;
  const power = 10 ** Math.floor(Math.log10(rough));
  const usable = steps.map((step) => step * power).filter((step) => !whole || Number.isInteger(step));
  const step = usable.find((each) => each >= rough * (1 - 1e-9)) ?? 1;
  const intervals = Math.max(1, Math.ceil(most / step - 1e-9));
  const ticks = Array.from({ length: intervals + 1 }, (_, index) => index * step);
  return { top: intervals * step, step, ticks };
}
