import { pick, type Random } from '../availability/random.ts';

/** Texts that differ in how many tokens a character comes to. */
export const textKinds = ['prose', 'han', 'base64', 'pseudo-words', 'emoji', 'mixed'] as const;

export type TextKind = (typeof textKinds)[number];

const words = 'the river rose again last night and nobody in town could say when it would fall'.split(' ');
const syllables = 'zor quix plim vath ngr ybb oul dwem skri fju'.split(' ');
const base64 = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'];

/** In lines, as encoded files and most texts are: a run without end takes a tokenizer a time that grows as its square. */
const lineLength = 76;

/** @param characters about so many */
export function textOf(kind: TextKind, characters: number, random: Random): string {
  const lines: string[] = [];
  for (let left = characters; left > 0; left -= lineLength) {
    let line = '';
    while (line.length < Math.min(left, lineLength)) line += pieceOf(kind, random);
    lines.push(line);
  }
  return lines.join('\n');
}

function pieceOf(kind: TextKind, random: Random): string {
  switch (kind) {
    case 'prose':
      return `${pick(random, words)} `;
    case 'han':
      return String.fromCodePoint(0x4e00 + Math.floor(random() * 8_000));
    case 'base64':
      return pick(random, base64);
    case 'pseudo-words':
      return pick(random, syllables) + (random() < 0.3 ? ' ' : '');
    case 'emoji':
      return String.fromCodePoint(0x1f300 + Math.floor(random() * 0x2ff));
    case 'mixed':
      return `${pieceOf(pick(random, textKinds), random)} `;
    default:
      return kind satisfies never;
  }
}
