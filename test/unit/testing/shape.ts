/** What a value is made of: every path in it with the types that stand there. Members of lists are taken together. */
export function shapeOf(...values: readonly unknown[]): ReadonlyMap<string, string> {
  const types = new Map<string, Set<string>>();
  const visit = (value: unknown, path: string): void => {
    const type = value === null ? 'null' : Array.isArray(value) ? 'list' : typeof value;
    types.set(path, (types.get(path) ?? new Set()).add(type));
    if (Array.isArray(value)) for (const item of value) visit(item, `${path}[]`);
    else if (typeof value === 'object' && value !== null)
      for (const [key, member] of Object.entries(value)) visit(member, path === '' ? key : `${path}.${key}`);
  };
  for (const value of values) visit(value, '');
  return new Map([...types].map(([path, found]) => [path, [...found].toSorted().join(' | ')]));
}

/** What two values differ in, as `+ path` (only the first has it), `- path` (only the second), `path: a ≠ b`. */
export function disagreements(ours: readonly unknown[], theirs: readonly unknown[]): readonly string[] {
  const [one, other] = [shapeOf(...ours), shapeOf(...theirs)];
  return [...new Set([...one.keys(), ...other.keys()])].toSorted().flatMap((path) => {
    const [a, b] = [one.get(path), other.get(path)];
    if (a === b) return [];
    if (a === undefined || b === undefined) {
      const parent = path.slice(0, Math.max(0, path.lastIndexOf('.'), path.lastIndexOf('[')));
      const side = a === undefined ? one : other;
      // Told once, for the outermost that is missing.
      return side.has(parent) ? [`${b === undefined ? '+' : '-'} ${path}`] : [];
    }
    return [`${path}: ${a} ≠ ${b}`];
  });
}
