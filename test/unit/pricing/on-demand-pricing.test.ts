import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { OnDemandPricing } from '../../../src/pricing/on-demand-pricing.ts';

const root = fileURLToPath(new URL('../../../src/index.ts', import.meta.url));

/** What is loaded with a file: everything that it imports for its values, without `import()`. */
function loadedWith(file: string, seen = new Set<string>()): ReadonlySet<string> {
  if (seen.has(file)) return seen;
  seen.add(file);
  const text = readFileSync(file, 'utf8');
  for (const [, keyword, specifier] of text.matchAll(/^(import|export) (?!type)[^;]*?from '([^']+)';/gm)) {
    if (keyword === undefined || specifier === undefined) continue;
    if (specifier.startsWith('.')) loadedWith(join(dirname(file), specifier), seen);
    else seen.add(specifier);
  }
  return seen;
}

test('prices are not loaded with the package', () => {
  const loaded = [...loadedWith(root)];
  expect(loaded.some((file) => file.endsWith('/pricing/on-demand-pricing.ts'))).toBe(true);
  expect(loaded).not.toContain('@pydantic/genai-prices');
  for (const late of ['catalogue', 'overlay', 'loaded-pricing', 'known-model', 'look-up'])
    expect(loaded.filter((file) => file.endsWith(`/pricing/${late}.ts`))).toEqual([]);
});

test('until they are loaded nothing has a price, and what cannot be loaded is reported', async () => {
  const reports: string[] = [];
  const providers = {
    origin: (): string => {
      throw new Error('no origin');
    },
    poolOf: () => undefined,
  };
  const pricing = new OnDemandPricing(
    { 'openai/x': 'gpt-4o-mini' },
    (thrown, context) => reports.push(`${String(thrown)} in ${context}`),
    providers,
  );
  const target = { provider: 'openai', model: 'x' };
  expect(pricing.loaded).toBe(false);
  expect(pricing.model(target, 0).priced).toBe(false);
  const [first, second] = [pricing.load(), pricing.load()];
  expect(first).toBe(second);
  await first;
  expect(pricing.loaded).toBe(true);
  expect(reports).toEqual(['Error: no origin in loading prices']);
  expect(pricing.model(target, 0)).toMatchObject({ priced: false, topTokensPerSecond: 500 });
});

test('a provider’s clients may have no address before the first of them is made', async () => {
  const client: { baseURL?: string } = {};
  const pricing = new OnDemandPricing({}, expect.fail, {
    origin: () => client.baseURL,
    poolOf: () => undefined,
  });
  await pricing.load();
  const target = { provider: 'byo', model: 'gpt-4o-mini' };
  expect(pricing.model(target, Date.now()).priced).toBe(false);
  client.baseURL = 'https://api.openai.com/v1';
  expect(pricing.model(target, Date.now()).priced).toBe(true);
});
