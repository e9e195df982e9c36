/** One value of what a budget counts apart by, behind the tenant where tenants have values of their own. */
export type SubjectParts = readonly (string | null)[];

/** For people: the value itself, or JSON where a tenant stands before it. */
export function subjectLabel(parts: SubjectParts): string {
  const [first, second] = parts;
  if (second === undefined || second === null) return first ?? '';
  // One that reads like the JSON of another is told as JSON, too.
  return first === null && !second.startsWith('[') ? second : JSON.stringify(parts);
}

/** The same of an account's `subject`, which is the JSON of its parts; `undefined`: everybody. */
export function labelOfSubject(subject: string): string | undefined {
  if (subject === '') return undefined;
  const parsed: SubjectParts | readonly SubjectParts[] = JSON.parse(subject);
  return isList(parsed) ? JSON.stringify(parsed.map(subjectLabel)) : subjectLabel(parsed);
}

function isList(parsed: SubjectParts | readonly SubjectParts[]): parsed is readonly SubjectParts[] {
  return Array.isArray(parsed[0]);
}
