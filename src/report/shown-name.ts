import { html, type Html } from './html.ts';

/** Beyond this, a name is cut: the page must not grow by what users are called. */
const longestName = 80;
/** Likewise of what somebody gives as a reason. */
const longestText = 800;

/** Controls, what turns the direction of text round, and what has no width: a name must look like what it is. */
const invisible = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

/** A name that an application or its user chose, as text to be shown: cut where it is long, with nothing in it that cannot be seen. */
export function shownName(name: string, longest = longestName): string {
  // A name may be megabytes long: only what is shown is looked at.
  const beginning = name.slice(0, 4 * longest).toWellFormed();
  const characters = [...beginning.replace(invisible, '\ufffd')];
  const text =
    characters.length > longest || name.length > beginning.length
      ? `${characters.slice(0, longest - 1).join('')}…`
      : characters.join('');
  return text === '' ? '(empty)' : text;
}

/** The same as markup: its direction is its own. */
export function nameMarkup(name: string): Html {
  return html`<bdi>${shownName(name)}</bdi>`;
}

/** A sentence that somebody wrote, likewise. */
export function textMarkup(text: string): Html {
  return html`<bdi>${shownName(text, longestText)}</bdi>`;
}
