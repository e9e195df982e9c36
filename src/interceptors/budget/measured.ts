import type { Call } from '../../core/call.ts';
import type { RequestMeasure } from '../../core/estimates.ts';

const known = new WeakMap<object, RequestMeasure>();

/** What a request is made of. Found once a body, however many targets it is tried at. */
export function measured({ dialect, body }: Call): RequestMeasure {
  if (typeof body !== 'object' || body === null) return dialect.request.measure(body);
  let measure = known.get(body);
  if (measure === undefined) {
    measure = dialect.request.measure(body);
    known.set(body, measure);
  }
  return measure;
}
