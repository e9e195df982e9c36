import { html, type Html, type HtmlContent } from './html.ts';

/** One figure by itself, and what is to be said of it. Stands in a `<dl class="tiles">`. */
export function tile(name: string, value: string, more: HtmlContent): Html {
  return html`<div>
    <dt>${name}</dt>
    <dd class="value">${value}</dd>
    <dd>${more}</dd>
  </div>`;
}
