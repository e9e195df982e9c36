import type { CallSettings, Interceptor } from 'managed-llm';
import type { Goals } from '../race/goals.ts';
import { KeyFinder, type Asked } from './finder.ts';

/** Names as an attacker would choose them: like nothing, like text for nothing, like each other, like what joins them. */
const names: readonly (string | undefined)[] = [
  undefined,
  '',
  'undefined',
  'null',
  'a',
  'A',
  'a ',
  'ab',
  'b',
  'a\0',
  'a/b',
  'a:b',
  'a","b',
  '["a","b"]',
  '"a"',
  'a\\',
  'é',
  'e\u0301',
  'a\u200B',
  '\uD800',
  '\uDFFF',
  '\uFFFD',
  '__proto__',
  'constructor',
];

const shares = [undefined, 'user', 'tenant', 'all'] as const;
const body = { model: 'gpt', messages: [{ role: 'user', content: 'Hello' }] };
const own = `{"messages":[{"content":"Hello","role":"user"}],"model":"gpt"}`;
const keys: readonly (string | undefined)[] = [
  undefined,
  'a',
  ' ',
  'null',
  own,
  JSON.stringify(own),
  '\uD800',
  '\uFFFD',
];

/** Where one asks: the same words mean other things there. */
const places: readonly Asked[] = [
  { format: 'chat', body },
  { format: 'chat', body: { ...body, model: 'other/gpt' } },
  { format: 'responses', body: { model: 'gpt', input: 'Hello' } },
  { format: 'messages', body: { ...body, max_tokens: 64 } },
  { format: 'messages', body: { ...body, max_tokens: 64 }, headers: { 'anthropic-beta': 'one' } },
  { format: 'messages', body: { ...body, max_tokens: 64 }, headers: { 'anthropic-beta': 'one,two' } },
  { format: 'messages', body: { ...body, max_tokens: 64 }, headers: { 'anthropic-version': '2099-01-01' } },
  { format: 'chat', body, headers: { 'openai-beta': 'one' } },
  { format: 'chat', body, settings: { onUnsupported: 'refuse' } },
  { format: 'neutral', body: { ...body, model: 'openai/gpt' } },
];

/** Who may share what is stated here, in other words than those of the key. */
function mayShare(place: number, { tenant, user, cache = {} }: CallSettings): string {
  const { share = 'tenant', key } = cache;
  const told = (name: string | undefined): unknown =>
    name === undefined ? 0 : [...name].map((one) => one.codePointAt(0));
  const who = share === 'all' ? [] : share === 'user' ? [told(tenant), told(user)] : [told(tenant)];
  return JSON.stringify([place, share, who, told(key)]);
}

/**
 * Everybody asks the same everywhere: no two share a key unless that is stated, and who shares with a user alone and is none
 * has no key. Returns how many asked.
 */
export async function proveCallers(goals: Goals, small: boolean): Promise<number> {
  const finder = new KeyFinder();
  const byKey = new Map<string, string>();
  const byOwner = new Map<string, string>();
  let asked = 0;
  for (const [place, where] of places.entries()) {
    for (const tenant of small ? names.slice(0, 10) : names) {
      for (const user of names.slice(0, small ? 3 : 12)) {
        for (const share of shares) {
          for (const key of place === 0 && !small ? keys : keys.slice(0, 3)) {
            const settings: CallSettings = {
              ...where.settings,
              ...(tenant === undefined ? {} : { tenant }),
              ...(user === undefined ? {} : { user }),
              cache: { ...(share === undefined ? {} : { share }), ...(key === undefined ? {} : { key }) },
            };
            asked += 1;
            const found = await finder.find({ ...where, settings });
            const owner = mayShare(place, settings);
            if (!('key' in found)) {
              const isNobody = share === 'user' && user === undefined && found.reason === 'no user';
              goals.that(isNobody, `${owner}: ${found.reason}`);
              continue;
            }
            goals.that(share !== 'user' || user !== undefined, `${owner}: all who are no user share a key`);
            const others = byKey.get(found.key) ?? owner;
            goals.that(others === owner, `${owner} shares its key with ${others}`);
            goals.that((byOwner.get(owner) ?? found.key) === found.key, `${owner} has two keys`);
            byKey.set(found.key, owner);
            byOwner.set(owner, found.key);
          }
        }
      }
    }
  }
  return asked;
}

const instructing = (stage: 'shape' | 'guard' | 'send'): Interceptor => ({
  name: 'house-rules',
  stage,
  intercept: (call, next) =>
    next(
      call.with({ body: call.dialect.request.withInstruction(call.body, `For ${call.settings.tenant}.`) }),
    ),
});

/** What an interceptor adds for a tenant is seen where it stands outside the cache, and by tenants' own keys elsewhere. */
export async function proveInstructions(goals: Goals): Promise<readonly string[]> {
  const notes: string[] = [];
  for (const stage of ['shape', 'guard', 'send'] as const) {
    const finder = new KeyFinder({ interceptors: [instructing(stage)] });
    for (const share of ['tenant', 'all'] as const) {
      const found = new Set<string>();
      for (const tenant of ['acme', 'globex', '']) {
        const one = await finder.find({ format: 'chat', body, settings: { tenant, cache: { share } } });
        if ('key' in one) found.add(one.key);
      }
      const isSeen = stage !== 'send' || share === 'tenant';
      goals.that(
        found.size === (isSeen ? 3 : 1),
        `an instruction added in \`${stage}\`, shared with \`${share}\`: ${found.size} keys of 3 tenants`,
      );
    }
  }
  notes.push(
    'what an interceptor adds inside the cache (`send`) is not seen there: tenants have their own answers all the same, unless a call says `share: "all"`',
  );
  return notes;
}
