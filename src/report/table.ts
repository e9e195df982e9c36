import { html, type Html, type HtmlContent } from './html.ts';

/** A table of figures, which scrolls by itself where it is wider than the page. */
export interface Table {
  /** For those who do not see it, where it scrolls. */
  readonly label: string;
  readonly caption: HtmlContent;
  /** Whether the caption says what stands above it anyway. */
  readonly hidesCaption?: boolean;
  /** Of its columns, the first of which names rows. */
  readonly heads: readonly HtmlContent[];
  /** Cells by rows. Of a row, as many as there are heads. */
  readonly rows: readonly (readonly HtmlContent[])[];
  /** How it is styled: `words` where the last column is a sentence. */
  readonly kind?: 'top' | 'words';
}

export function table({ label, caption, hidesCaption, heads, rows, kind }: Table): Html {
  return html`<div class="wide" tabindex="0" role="region" aria-label="${label}">
    <table${kind !== undefined && html` class="${kind}"`}>
      <caption${hidesCaption === true && html` class="unseen"`}>${caption}</caption>
      <thead><tr>${heads.map((head) => html`<th scope="col">${head}</th>`)}</tr></thead>
      <tbody>${rows.map(row)}</tbody>
    </table>
  </div>`;
}

function row([heading, ...cells]: readonly HtmlContent[]): Html {
  return html`<tr>
    <th scope="row">${heading}</th>
    ${cells.map((cell) => html`<td>${cell}</td>`)}
  </tr> `;
}
