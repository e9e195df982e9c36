/** What a page is made of, read as a browser would, as far as pages of ours go. */
export interface ReadPage {
  /** In order, with their attributes; without drawings, whose numbers differ. */
  readonly tags: readonly string[];
  /** The numbers of a chart, by its id: rows of cells, as text. */
  table(id: string): readonly (readonly string[])[];
  /** The table beside it. */
  top(id: string): readonly (readonly string[])[];
  /** The value of a total, by its name. */
  total(name: string): string | undefined;
  /** Everything that is shown. */
  readonly text: string;
}

export function readPage(page: string): ReadPage {
  const body = page.replace(/<style>.*?<\/style>|<script>.*?<\/script>/gs, '');
  return {
    tags: [...page.matchAll(/<[^>]*>/g)].map(([tag]) => tag.replace(/ (?:d|viewBox|style)="[^"]*"/g, '')),
    table: (id) => rowsOf(body, `id="${id}"`, '<table'),
    top: (id) => rowsOf(body, `id="${id}"`, '<table class="top"'),
    total(name) {
      const found = new RegExp(`<dt>${name}</dt>\\s*<dd class="value">(.*?)</dd>`, 's').exec(body);
      return found?.[1] === undefined ? undefined : textOf(found[1]);
    },
    text: textOf(body),
  };
}

function rowsOf(body: string, from: string, table: string): readonly (readonly string[])[] {
  const after = body.slice(body.indexOf(from));
  const start = after.indexOf(table);
  const rows = after.slice(start, after.indexOf('</table>', start)).matchAll(/<tr>(.*?)<\/tr>/gs);
  return [...rows].map(([, row = '']) =>
    [...row.matchAll(/<t[hd][^>]*>(.*?)<\/t[hd]>/gs)].map(([, cell = '']) => textOf(cell)),
  );
}

const entities: Readonly<Record<string, string>> = {
  '&amp;': '&',
  '&lt;': '<',
  '&gt;': '>',
  '&quot;': '"',
  '&#39;': "'",
  '&#96;': '`',
};

function textOf(markup: string): string {
  return markup
    .replace(/<[^>]*>/g, ' ')
    .replace(/&[#\w]+;/g, (entity) => entities[entity] ?? entity)
    .replace(/\s+/g, ' ')
    .trim();
}
