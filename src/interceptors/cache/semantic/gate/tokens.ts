/** A word, a number or a sign of a text. */
export interface Token {
  readonly kind: 'word' | 'number' | 'sign';
  /** As written, but for normal forms of Unicode. */
  readonly text: string;
  readonly lower: string;
  /** Without anything between it and the one before. */
  readonly glued: boolean;
  /** The first word of a sentence or a quotation, where a capital says nothing. */
  readonly opens: boolean;
}

/** One writing for what has several: quotation marks, dashes, powers, fractions, wide letters. */
export function normalized(text: string): string {
  return text
    .replace(/[⁰¹²³⁴-⁹]+/gu, (power) => `^${power}`)
    .replace(/[¼-¾⅐-⅞]/gu, ' $&')
    .normalize('NFKC')
    .replace(/[‘’‛`´](?=\p{L})|(?<=\p{L})[’´]/gu, (mark) => (mark === '`' ? mark : "'"))
    .replace(/[“”„‟«»「」『』]/gu, '"')
    .replace(/[‐‑−]/gu, '-')
    .replace(/⁄/gu, '/');
}

const piece =
  /(?<abbreviation>(?:\p{L}\.){2,}(?:\p{L}(?!\p{L}))?)|(?<number>\d{4}-\d{2}-\d{2}(?!\d)|\d{1,3}(?:[ '\u00A0\u202F]\d{3})+(?!\d)|\d+(?:[.,:/]\d+)*)|(?<han>[〇零一二两三四五六七八九十百千万]+)|(?<word>\p{L}[\p{L}\p{M}\p{N}_]*(?:'\p{L}+)*)|(?<sign>[^\s])/gu;

const ends = /^[.!?:;。？！：…"([¿¡\n]$/u;

/** In the order of the text. Takes time in proportion to its length. */
export function tokensOf(text: string): readonly Token[] {
  const tokens: Token[] = [];
  let end = -1;
  let opens = true;
  for (const match of text.matchAll(piece)) {
    const [written] = match;
    const { number, han, sign, abbreviation } = match.groups ?? {};
    const broken = end >= 0 && text.slice(end, match.index).includes('\n');
    const add = (kind: Token['kind'], part: string, glued: boolean): void => {
      tokens.push({ kind, text: part, lower: part.toLowerCase(), glued, opens: opens || broken });
    };
    const glued = match.index === end;
    end = match.index + written.length;
    if (sign !== undefined) {
      add('sign', sign, glued);
      opens = ends.test(sign) || (opens && /[-*•>#'`]/.test(sign));
      continue;
    }
    if (number !== undefined || han !== undefined) add('number', written, glued);
    else if (abbreviation !== undefined) add('word', written.replaceAll('.', ''), glued);
    else for (const part of wordsIn(written)) add('word', part, glued);
    opens = false;
  }
  return tokens;
}

/** Scripts that put no spaces between words. Of others of this kind, as that of Thai, words are found far too slowly. */
const unspaced = /[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}]/u;
let segmenter: Intl.Segmenter | undefined;

/** What is left of a verb behind some words; behind others it says whose something is. */
const verbs: ReadonlyMap<string, string> = new Map(
  [
    'i m am',
    'we you they re are',
    'he she it that there here what who where when how why s is',
    'i we you he she it they that there who what ll will',
    'i we you they who ve have',
  ].flatMap((line) => {
    const words = line.split(' ');
    const [ending, verb = ''] = words.slice(-2);
    return words.slice(0, -2).map((word): [string, string] => [`${word} ${ending}`, verb]);
  }),
);

function wordsIn(written: string): readonly string[] {
  if (unspaced.test(written)) {
    segmenter ??= new Intl.Segmenter(undefined, { granularity: 'word' });
    return Array.from(segmenter.segment(written), ({ segment }) => segment);
  }
  if (!written.includes("'")) return [written];
  const lower = written.toLowerCase();
  if (lower.endsWith("n't")) {
    const verb = written.slice(0, -3);
    return [verb.toLowerCase() === 'ca' ? 'can' : verb.toLowerCase() === 'wo' ? 'will' : verb, 'not'];
  }
  const [word = '', ...others] = written.split("'");
  const verb = others.length === 1 ? verbs.get(`${word} ${others[0]}`.toLowerCase()) : undefined;
  if (verb !== undefined) return [word, verb];
  // English leaves out what follows (`it's`), French and Italian what comes before (`l'auto`).
  return others.every((other) => /^(?:s|m|d|t|re|ve|ll)$/i.test(other)) ? [word] : [word, ...others];
}
