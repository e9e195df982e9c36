import { atom, type Atom } from './atom.ts';
import { meaningsOf } from './synonyms.ts';
import type { Token } from './tokens.ts';

/** English verbs of two words, and one word that says the same. */
const verbs = new Map(
  (
    'turn on:enable, switch on:enable, turn off:disable, switch off:disable, shut off:disable, shut down:stop, get rid:remove, give back:return, ' +
    'send back:return, bring back:return, call off:cancel, put off:postpone, hand in:submit, sign up:register, fill in:complete, fill out:complete, ' +
    'find out:find, look up:find, figure out:find, speed up:accelerate, go up:increase, go down:decrease, carry out:perform, pick up:collect, ' +
    'opt in:join, opt out:leave, leave out:exclude, take off:remove, cut down:shorten, move out:leave, send out:send, cut off:stop, throw away:discard, take out:withdraw, work out:calculate, fill up:fill, set up:install, get off:leave, log in:login, log out:logout'
  )
    .split(', ')
    .map((entry) => entry.split(':') as [string, string]),
);
const starts = new Set(Array.from(verbs.keys(), (verb) => verb.split(' ')[0] ?? ''));

/** So many words may stand between the two. */
const reach = 4;

/** Reads a verb of two words; where its second one stands is the caller's to leave out. */
export function readPhrase(
  tokens: readonly Token[],
  at: number,
): { readonly atom: Atom; readonly particleAt: number } | undefined {
  const verb = tokens[at];
  if (verb?.kind !== 'word') return undefined;
  const start = meaningsOf(verb.lower, true).find((form) => starts.has(form));
  if (start === undefined) return undefined;
  for (let particleAt = at + 1; particleAt <= at + reach; particleAt++) {
    const particle = tokens[particleAt];
    if (particle?.kind !== 'word') return undefined;
    const meaning = verbs.get(`${start} ${particle.lower}`);
    if (meaning === undefined) continue;
    // Apart from its verb, `in` says where more often than how.
    if (particleAt > at + 1 && particle.lower === 'in') return undefined;
    const read = atom('word', meaningsOf(meaning, true), `${verb.text} ${particle.text}`);
    return { atom: { ...read, isVerb: true }, particleAt };
  }
  return undefined;
}
