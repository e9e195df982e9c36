/** One place in which two answers differ. */
export interface Difference {
  /** `choices.0.message.content`. */
  readonly path: string;
  readonly wanted: unknown;
  readonly given: unknown;
}

/** Everywhere that two JSON values differ; a member that is missing is `undefined`. */
export function differences(wanted: unknown, given: unknown, path = ''): readonly Difference[] {
  if (Object.is(wanted, given)) return [];
  if (!isNested(wanted) || !isNested(given) || Array.isArray(wanted) !== Array.isArray(given))
    return [{ path, wanted, given }];
  const keys = new Set([...Object.keys(wanted), ...Object.keys(given)]);
  return [...keys].flatMap((key) =>
    differences(wanted[key], given[key], path === '' ? key : `${path}.${key}`),
  );
}

function isNested(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
