import Anthropic from '@anthropic-ai/sdk';
import OpenAI from 'openai';
import { provider } from 'managed-llm';

/** Where the demo's clients point: at the stand-in, or with `--live` at what this machine can reach. */
export async function makeBackends(standInUrl: string, live: boolean) {
  const { OPENAI_API_KEY, ANTHROPIC_API_KEY, DEMO_OPENAI_MODEL, DEMO_ANTHROPIC_MODEL } = process.env;
  const local = { openai: `${standInUrl}/v1`, anthropic: standInUrl };
  const ollama = live && OPENAI_API_KEY === undefined ? await ollamaModel() : undefined;
  const has = {
    openai: !live || OPENAI_API_KEY !== undefined || ollama !== undefined,
    anthropic: !live || ANTHROPIC_API_KEY !== undefined,
  };
  const openai =
    live && OPENAI_API_KEY !== undefined
      ? new OpenAI({ apiKey: OPENAI_API_KEY })
      : new OpenAI({ apiKey: 'none', baseURL: ollama === undefined ? local.openai : `${ollamaUrl}/v1` });
  const anthropic =
    live && ANTHROPIC_API_KEY !== undefined
      ? new Anthropic({ apiKey: ANTHROPIC_API_KEY })
      : new Anthropic({ apiKey: 'none', baseURL: local.anthropic });
  const models = {
    openai: DEMO_OPENAI_MODEL ?? ollama ?? 'gpt-6-luna',
    anthropic: DEMO_ANTHROPIC_MODEL ?? 'claude-haiku-5-5',
  };
  return {
    has,
    names: live
      ? [
          has.openai ? (ollama === undefined ? 'OpenAI' : 'Ollama') : undefined,
          has.anthropic ? 'Anthropic' : undefined,
        ].filter((name) => name !== undefined)
      : [`a scripted provider on ${standInUrl}`],
    models,
    /** What they are: behind an address of this machine it has to be said, so that it is known what they cost. */
    priced: live
      ? {}
      : ({
          [`openai/${models.openai}`]: models.openai,
          [`anthropic/${models.anthropic}`]: models.anthropic,
          'local/*': { price: 0 },
        } as const),
    /** Who can be asked the same question here. */
    targets: {
      openai: has.openai ? `openai/${models.openai}` : undefined,
      anthropic: has.anthropic ? `anthropic/${models.anthropic}` : undefined,
      local: live ? undefined : 'local/llama3.2',
    },
    providers: {
      openai,
      anthropic,
      local: provider(new OpenAI({ apiKey: 'none', baseURL: local.openai }), { quirks: 'ollama' }),
      // Always the stand-in, which is scripted to be overloaded for the model `any`.
      'busy-openai': new OpenAI({ apiKey: 'none', baseURL: local.openai }),
      'busy-anthropic': new Anthropic({ apiKey: 'none', baseURL: local.anthropic }),
    },
  };
}

const ollamaUrl = 'http://127.0.0.1:11434';

/** The first model that a running Ollama has. */
async function ollamaModel(): Promise<string | undefined> {
  try {
    const response = await fetch(`${ollamaUrl}/api/tags`, { signal: AbortSignal.timeout(2_000) });
    const { models } = (await response.json()) as { models?: readonly { name: string }[] };
    return models?.[0]?.name;
  } catch {
    return undefined;
  }
}
