import assert from 'node:assert/strict';
import type Anthropic from '@anthropic-ai/sdk';
import * as z from 'zod';
import type { AnthropicKit } from '../drop-in/anthropic-checks.ts';
import { calling, rejection, said, type ForeignCheck } from './lab.ts';

interface Asked {
  readonly model: string;
  readonly max_tokens: number;
  readonly messages: { role: 'user'; content: string }[];
}

/** Tool loops of an Anthropic client, which lets its provider keep the conversation where that can. */
export function toolRunnerChecks(kit: AnthropicKit, ask: Asked): readonly ForeignCheck<Anthropic>[] {
  const tool = (called: unknown[]) =>
    kit.betaZodTool({
      name: 'look',
      description: 'Looks.',
      inputSchema: z.object({ at: z.string() }),
      run: (args) => {
        called.push(args);
        return `looked at ${args.at}`;
      },
    });
  return [
    {
      group: 'toolRunner',
      name: 'plain',
      script: calling,
      requests: 2,
      async run(client, { stand }) {
        const called: unknown[] = [];
        const turns: string[] = [];
        for await (const turn of client.beta.messages.toolRunner({ ...ask, tools: [tool(called)] }))
          turns.push(turn.stop_reason ?? '');
        assert.deepEqual(called, [{ at: 'the lake' }]);
        assert.deepEqual(turns, ['tool_use', 'end_turn']);
        assert.deepEqual(rolesOf(stand.requests[1]?.body), ['user', 'assistant', 'tool']);
      },
    },
    {
      group: 'toolRunner',
      name: 'awaited',
      script: calling,
      requests: 2,
      async run(client, { stand }) {
        const called: unknown[] = [];
        const final = await client.beta.messages.toolRunner({ ...ask, tools: [tool(called)] });
        assert.equal(final.content.map((block) => (block.type === 'text' ? block.text : '')).join(''), said);
        assert.deepEqual(called, [{ at: 'the lake' }]);
        assert.deepEqual(rolesOf(stand.requests[1]?.body), ['user', 'assistant', 'tool']);
      },
    },
    {
      group: 'toolRunner',
      name: 'streamed',
      script: calling,
      requests: 2,
      async run(client, { stand }) {
        const called: unknown[] = [];
        const turns: string[] = [];
        for await (const turn of client.beta.messages.toolRunner({
          ...ask,
          stream: true,
          tools: [tool(called)],
        }))
          turns.push((await turn.finalMessage()).stop_reason ?? '');
        assert.deepEqual(called, [{ at: 'the lake' }]);
        assert.deepEqual(turns, ['tool_use', 'end_turn']);
        assert.deepEqual(rolesOf(stand.requests[1]?.body), ['user', 'assistant', 'tool']);
      },
    },
    {
      group: 'toolRunner',
      name: 'that fails',
      script: (stand) => stand.always({ status: 400, error: { message: 'no' } }),
      run: async (client) =>
        void (await rejection(
          client.beta.messages.toolRunner({ ...ask, tools: [tool([])] }),
          'BadRequestError',
        )),
    },
  ];
}

/** The roles of a chat completion's turns: all of a conversation is sent, whatever the SDK leaves out. */
function rolesOf(body: unknown): readonly unknown[] {
  return ((body as { messages?: readonly { role: unknown }[] } | undefined)?.messages ?? []).map(
    ({ role }) => role,
  );
}
