import { setImmediate as turn } from 'node:timers/promises';
import type { Interceptor } from 'managed-llm';

/** One model of each SDK behind the stand-in. */
export const models = ['openai/gpt', 'anthropic/claude'] as const;

/** Lets the event loop turn until something has happened: what is loaded on first use takes turns, not time. */
export async function until(happened: () => boolean): Promise<void> {
  for (let turns = 0; !happened(); turns += 1) {
    if (turns > 10_000) throw new Error('It did not happen.');
    await turn();
  }
}

/** In place of the SDKs' own repeats. */
export const once: Interceptor = {
  name: 'once',
  stage: 'retry',
  shareable: true,
  intercept: (call, next) => next(call),
};

/** Masks a word in what goes out and what comes back, plain and streamed, by the call's own lenses. */
export const redactor: Interceptor = {
  name: 'redactor',
  shareable: true,
  stage: 'guard',
  on: ['chat'],
  async intercept(call, next) {
    const mask = (text: string): string => text.replaceAll('secret', '[masked]');
    const reply = await next(
      call.with({ body: call.dialect.request.mapTexts(call.body, (text) => mask(text)) }),
    );
    reply.events?.mapText(() => {
      let held = '';
      return {
        push: (text) => {
          held += text;
          return '';
        },
        end: () => mask(held),
      };
    });
    if (reply.events !== undefined || reply.error !== undefined) return reply;
    return reply.with({ json: call.dialect.reply.mapTexts(await reply.json(), mask) });
  },
};
