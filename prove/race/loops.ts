import { betaZodTool } from '@anthropic-ai/sdk/helpers/beta/zod';
import { tool } from 'managed-llm';
import { zodFunction } from 'openai/helpers/zod';
import * as z from 'zod';
import type { Face } from './ask.ts';
import { markOf, routeOf, type Loop, type Plan } from './plan.ts';

export const toolName = 'look';
const description = 'Looks at something, and tells what is there.';
const parameters = z.object({ at: z.string() });

/** Asks, runs the tool as often as the model calls it, and asks again with what it has said. */
export async function runLoop(face: Face, plan: Plan, loop: Loop, signal: AbortSignal): Promise<void> {
  const { prompt, limit, stream } = plan;
  const model = routeOf(plan);
  // A turn that leaves the earlier ones to the provider is to be known all the same.
  const look = (): string => `${markOf(plan.index)} a river, 川, and a town behind it`;
  const messages = [{ role: 'user' as const, content: prompt }];
  switch (loop) {
    case 'neutral': {
      const tools = [tool({ name: toolName, description, parameters, execute: look })];
      const maxOutputTokens = limit === undefined ? {} : { maxOutputTokens: limit };
      await face.chat({ model, messages, tools, ...maxOutputTokens }, { signal });
      return;
    }
    case 'run-tools': {
      const run = { name: toolName, description, parameters, function: look };
      const request = {
        model,
        messages,
        tools: [zodFunction(run)],
        ...(limit === undefined ? {} : { max_completion_tokens: limit }),
      };
      const { completions } = face.clients.openai.chat;
      if (stream) await completions.runTools({ ...request, stream }, { signal }).done();
      else await completions.runTools(request, { signal }).done();
      return;
    }
    case 'tool-runner': {
      const tools = [betaZodTool({ name: toolName, description, inputSchema: parameters, run: look })];
      const request = { model, messages, tools, max_tokens: limit ?? 1 };
      const { messages: resource } = face.clients.anthropic.beta;
      if (stream)
        for await (const turn of resource.toolRunner({ ...request, stream }, { signal })) await turn.done();
      else await resource.toolRunner(request, { signal });
      return;
    }
    default:
      return loop satisfies never;
  }
}
