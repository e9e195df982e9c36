import { describe, expect, test } from 'vitest';
import { hostMatcher, knownHosts } from '../../../src/ungoverned/known-hosts.ts';

describe('hosts of model APIs', () => {
  const isKnown = hostMatcher(knownHosts);

  test.each([
    'api.openai.com',
    'eu.api.openai.com',
    'contoso.openai.azure.com',
    'api.anthropic.com',
    'bedrock-runtime.us-east-1.amazonaws.com',
    'us-east5-aiplatform.googleapis.com',
    'aiplatform.googleapis.com',
    'openrouter.ai',
  ])('%s is one', (host) => expect(isKnown(host)).toBe(true));

  test.each([
    'openai.com',
    'api.openai.com.example.org',
    'evil-api.openai.com.example',
    'xapi.openai.com',
    'storage.googleapis.com',
    'apixopenai.com',
    '.openai.azure.com',
    '',
  ])('%s is none', (host) => expect(isKnown(host)).toBe(false));
});
