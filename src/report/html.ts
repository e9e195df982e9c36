/** Markup: what stands in it as text was escaped. Only {@link html} and {@link trusted} make it. */
export class Html {
  readonly markup: string;

  constructor(markup: string) {
    this.markup = markup;
  }
}

export type HtmlContent = Html | string | number | undefined | false | readonly HtmlContent[];

/** Markup with contents put in: all but markup is escaped, `undefined` and `false` are nothing. Attributes are quoted. */
export function html(template: TemplateStringsArray, ...contents: readonly HtmlContent[]): Html {
  const parts = partsOf(template);
  let markup = parts[0] ?? '';
  for (const [index, content] of contents.entries()) markup += markupOf(content) + (parts[index + 1] ?? '');
  return new Html(markup);
}

const known = new WeakMap<TemplateStringsArray, readonly string[]>();

/** Without the indentation of our source, which would be a third of a page. */
function partsOf(template: TemplateStringsArray): readonly string[] {
  const parts = known.get(template) ?? template.map((part) => part.replace(/\s*\n\s*/g, '\n'));
  known.set(template, parts);
  return parts;
}

/** For constants of this package alone. */
export function trusted(markup: string): Html {
  return new Html(markup);
}

function markupOf(content: HtmlContent): string {
  if (content === undefined || content === false) return '';
  if (content instanceof Html) return content.markup;
  if (typeof content === 'object') return content.map(markupOf).join('');
  return String(content).replace(/[&<>"'`]/g, (character) => entities[character] ?? '');
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
  '`': '&#96;',
};
