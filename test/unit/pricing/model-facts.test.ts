import { expect, test } from 'vitest';
import { factsByName, factsOf } from '../../../src/pricing/model-facts.ts';
import type { ModelFacts, ModelsOption } from '../../../src/pricing/models-option.ts';

/** What is said of a target whose provider `pooled#1` is a member of the pool `pooled`. */
function factsIn(models: ModelsOption, provider: string, model: string): ModelFacts {
  const poolOf = (name: string) => (name === 'pooled#1' ? 'pooled' : undefined);
  return factsOf(factsByName(models), { poolOf }, { provider, model });
}

const price = { inputUsdPerMTok: 1, outputUsdPerMTok: 2 };

test('a price of one model leaves what all of its provider are', () => {
  const models = { 'gw/*': 'openai/*', 'gw/mini': { price } };
  expect(factsIn(models, 'gw', 'mini')).toEqual({ is: 'openai/*', price });
  expect(factsIn({ 'gw/*': { price: 0 }, 'gw/mini': { price } }, 'gw', 'mini')).toEqual({ price });
});

test('what one model is goes before what all cost: that price was for what they are', () => {
  const models = { 'gw/*': { is: 'openai/*', price, region: 'eu' }, 'gw/mini': 'gpt-5.4-mini' };
  expect(factsIn(models, 'gw', 'mini')).toEqual({ is: 'gpt-5.4-mini', region: 'eu' });
});

test('capabilities are merged one by one, those of the model first', () => {
  const models = {
    'gw/*': { capabilities: { streaming: true, vision: true } },
    'gw/blind': { capabilities: { vision: false } },
    'gw/plain': { region: 'eu' },
  };
  expect(factsIn(models, 'gw', 'blind')).toEqual({ capabilities: { streaming: true, vision: false } });
  expect(factsIn(models, 'gw', 'plain')).toEqual({
    capabilities: { streaming: true, vision: true },
    region: 'eu',
  });
  expect(factsIn({ 'gw/a': { region: 'eu' } }, 'gw', 'a')).toEqual({ region: 'eu' });
});

test('what is said of a pool holds for its members', () => {
  expect(factsIn({ 'pooled/m': { region: 'eu' }, 'pooled#1/*': { price: 0 } }, 'pooled#1', 'm')).toEqual({
    region: 'eu',
    price: 0,
  });
});
