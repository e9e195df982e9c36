import { globSync, readFileSync } from 'node:fs';

/** What the comments of openai's types say, in all its resources: each deprecated id with the day it is shut down. */
export function endsInOpenai(folder: string): ReadonlyMap<string, string> {
  const files = globSync(`${folder}/resources/**/*.d.ts`);
  return new Map(files.flatMap((file) => [...endsInComments(readFileSync(file, 'utf8'))]));
}

/** `"a", "b": Announced shutdown date: 2026-12-11`, and of some `"a": This model was retired on May 12, 2026`. */
export function endsInComments(declarations: string): ReadonlyMap<string, string> {
  const text = declarations.replaceAll(/\s*\n\s*\*\s*/g, ' ');
  const entries = text.matchAll(
    /(?<ids>(?:"[\w.-]+", ?)*"[\w.-]+"): (?:Announced shutdown date: (?<iso>\d{4}-\d{2}-\d{2})|[^":]*?(?:shut down|retired) on (?<day>\w+ \d+, \d{4}))/g,
  );
  return new Map(
    [...entries].flatMap(({ groups }) =>
      [...(groups?.['ids'] ?? '').matchAll(/"([^"]+)"/g)].map(
        ([, id]) => [id ?? '', groups?.['iso'] ?? dayIn(groups?.['day'] ?? '')] as const,
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
        dayIn(`${groups?.['month']} ${groups?.['day']}, ${groups?.['year']}`),
      ],
    ),
  );
}

/** `November 30, 2026` */
function dayIn(text: string): string {
  return new Date(`${text} UTC`).toISOString().slice(0, 10);
}
