import { invalidOption } from '../core/parse-options.ts';

/** Deeper than any schema in use, and far from the end of the stack. */
const depthLimit = 100;

/** Throws `invalid-options` for what JSON cannot hold, and for what is nested without end. */
export function checkPlainJson(value: unknown, path: string, depth = 0): void {
  if (depth > depthLimit) throw invalidOption(path, `is nested more than ${depthLimit} levels deep`);
  if (typeof value !== 'object' || value === null) {
    const isJson = value === null || ['string', 'boolean', 'undefined'].includes(typeof value);
    if (!isJson && !Number.isFinite(value))
      throw invalidOption(path, `holds a ${typeof value}: it must be JSON`);
    return;
  }
  const prototype: unknown = Object.getPrototypeOf(value);
  if (!Array.isArray(value) && prototype !== Object.prototype && prototype !== null)
    throw invalidOption(path, 'holds an object of a class: it must be JSON');
  for (const member of Object.values(value)) checkPlainJson(member, path, depth + 1);
}
