/** What the comment of openai's model types says: each deprecated id with the day it is shut down. */
export function endsInComment(declarations: string): ReadonlyMap<string, string> {
  const comment = /Deprecated values:(?<list>[^]*?)\*\//.exec(declarations)?.groups?.['list'] ?? '';
  const text = comment.replaceAll(/\s*\n\s*\*\s*/g, ' ');
  const entries = text.matchAll(
    /- (?<ids>(?:"[^"]+",? ?)+): Announced shutdown date: (?<day>\d{4}-\d{2}-\d{2})/g,
  );
  return new Map(
    [...entries].flatMap(({ groups }) =>
      [...(groups?.['ids'] ?? '').matchAll(/"([^"]+)"/g)].map(
        ([, id]) => [id ?? '', groups?.['day'] ?? ''] as const,
      ),
    ),
  );
}

/** What @anthropic-ai/sdk warns of: `DEPRECATED_MODELS`, with days such as `November 30th, 2026`. */
export function endsInTable(source: string): ReadonlyMap<string, string> {
  const table = /DEPRECATED_MODELS = \{(?<rows>[^}]*)\}/.exec(source)?.groups?.['rows'] ?? '';
  return new Map(
    [...table.matchAll(/'(?<id>[^']+)': '(?<month>\w+) (?<day>\d+)\w*, (?<year>\d{4})'/g)].map(
      ({ groups }) => [
        groups?.['id'] ?? '',
        new Date(`${groups?.['month']} ${groups?.['day']}, ${groups?.['year']} UTC`)
          .toISOString()
          .slice(0, 10),
      ],
    ),
  );
}
