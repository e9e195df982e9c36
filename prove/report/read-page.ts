/** What a page is made of, read as a browser would, as far as pages of ours go. */
export interface ReadPage {
  /** In order, with their attributes; without drawings, whose numbers differ. */
  readonly tags: readonly string[];
  /** The numbers of a chart, by its id: rows of cells, as text. */
  table(id: string): readonly (readonly string[])[];
  /** The table beside it. */
  top(id: string): readonly (readonly string[])[];
  /** The first table of a section, by the id of its heading. */
  after(id: string): readonly (readonly string[])[];
  /** The table below a heading. */
  below(heading: string): readonly (readonly string[])[];
  /** The value of a total, by its name, and what is said of it. */
  total(name: string): string | undefined;
  about(name: string): string | undefined;
  /** Everything that is shown. */
  readonly text: string;
}

export function readPage(page: string): ReadPage {
  const body = page.replace(/<style>.*?<\/style>|<script>.*?<\/script>/gs, '');
  return {
    tags: [...page.matchAll(/<[^>]*>/g)].map(([tag]) => tag.replace(/ (?:d|viewBox|style)="[^"]*"/g, '')),
    table: (id) => rowsOf(body, `id="${id}"`, '<table'),
    top: (id) => rowsOf(body, `id="${id}"`, '<table class="top"'),
    after: (id) => rowsOf(body, `<h2 id="${id}"`, '<table'),
    below: (heading) => rowsOf(body, `<h3>${heading}</h3>`, '<table'),
    total: (name) => toldOf(body, name)?.[1],
    about: (name) => toldOf(body, name)?.[2],
    text: textOf(body),
  };
}

function toldOf(body: string, name: string): readonly string[] | undefined {
  const told = new RegExp(`<dt>${name}</dt>\\s*<dd class="value">(.*?)</dd>\\s*<dd>(.*?)</dd>`, 's').exec(
    body,
  );
  return told?.map(textOf);
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
