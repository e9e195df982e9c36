import type Anthropic from '@anthropic-ai/sdk';
import type OpenAI from 'openai';
import type { NeutralApi } from 'managed-llm';
import { finished, type Step } from './steps.ts';

interface Script {
  readonly llm: Pick<NeutralApi, 'chat'> & {
    readonly clients: { readonly openai: OpenAI; readonly anthropic: Anthropic };
  };
  /** Targets that can be asked here. */
  readonly targets: {
    readonly openai: string | undefined;
    readonly anthropic: string | undefined;
    readonly local: string | undefined;
  };
}

const question = 'Say hello, whoever you are.';
const answer = 'You said: Say hello, whoever you are.';

/** One question asked of every provider in one API, and each SDK answered by the other's provider. */
export function anyProviderSteps({ llm, targets }: Script): readonly Step[] {
  const asked = Object.values(targets).filter((target) => target !== undefined);
  const { openai, anthropic } = targets;
  const steps: Step[] = [
    {
      name: `one API, ${asked.length} providers`,
      says: asked.map(() => answer).join(' · '),
      user: 'alice',
      tenant: 'acme',
      async run() {
        const replies = await Promise.all(asked.map((model) => llm.chat({ model, messages: question })));
        return replies.map(({ text }) => text).join(' · ');
      },
      expect: (receipts) => finished(receipts, asked.length),
    },
  ];
  if (openai === undefined || anthropic === undefined) return steps;
  return [
    ...steps,
    {
      name: 'openai SDK, Claude answers',
      says: answer,
      user: 'bob',
      tenant: 'globex',
      run: async () => {
        const messages = [{ role: 'user' as const, content: question }];
        const stream = llm.clients.openai.chat.completions.stream({ model: anthropic, messages });
        return (await stream.finalContent()) ?? '';
      },
      expect: (receipts) => ({
        ...finished(receipts),
        'Anthropic served it': receipts[0]?.target?.provider === 'anthropic',
      }),
    },
    {
      name: 'anthropic SDK, GPT answers',
      says: answer,
      user: 'alice',
      tenant: 'acme',
      run: async () => {
        const messages = [{ role: 'user' as const, content: question }];
        const ask = { model: openai, max_tokens: 200, messages };
        const [block] = (await llm.clients.anthropic.messages.create(ask)).content;
        return block?.type === 'text' ? block.text : '';
      },
      expect: (receipts) => ({
        ...finished(receipts),
        'OpenAI served it': receipts[0]?.target?.provider === 'openai',
      }),
    },
  ];
}
