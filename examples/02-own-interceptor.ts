// Two interceptors of your own: one adds an instruction per tenant, one refuses what must not leave the house and masks
// e-mail addresses in what comes back, plain and streamed alike. They work for every provider and wire format.
import Anthropic from '@anthropic-ai/sdk';
import OpenAI from 'openai';
import { ManagedLLM, ManagedLLMError, type Interceptor } from 'managed-llm';
import { standIn } from 'managed-llm/testing';

const tone: Readonly<Record<string, string>> = { acme: 'Be brief.', globex: 'Be formal.' };
const houseRules: Interceptor = {
  name: 'house-rules',
  stage: 'shape',
  on: ['chat'],
  intercept(call, next) {
    const rule = tone[call.settings.tenant ?? ''];
    if (rule === undefined) return next(call);
    return next(call.with({ body: call.dialect.request.withInstruction(call.body, rule) }));
  },
};

const mask = (text: string): string => text.replaceAll(/[\w.]+@[\w.]+\w/g, '[address]');
/** An address may be cut anywhere, so a stretch of text is held back until it ends. */
const maskAtEnd = () => {
  let held = '';
  const push = (text: string): string => {
    held += text;
    return '';
  };
  return { push, end: () => mask(held) };
};
const privacy: Interceptor = {
  name: 'privacy',
  stage: 'guard',
  on: ['chat'],
  async intercept(call, next) {
    if (JSON.stringify(call.body).includes('CONFIDENTIAL'))
      throw new ManagedLLMError({ code: 'refused', message: '`privacy`: marked as confidential.' });
    const reply = await next(call);
    reply.events?.mapText(maskAtEnd);
    if (reply.events !== undefined || reply.error !== undefined) return reply;
    return reply.with({ json: call.dialect.reply.mapTexts(await reply.json(), mask) });
  },
};

const provider = standIn().always({ text: ['Write to bob', '@example.org', ' today.'] });
const options = { apiKey: 'test', fetch: provider.fetch };
const providers = { openai: new OpenAI(options), anthropic: new Anthropic(options) };
const llm = new ManagedLLM({ providers, interceptors: [privacy, houseRules] });

const acme = llm.with({ tenant: 'acme' }).clients;
const ask = { model: 'gpt-6-luna', messages: [{ role: 'user' as const, content: 'Whom do I ask?' }] };
console.log((await acme.openai.chat.completions.create(ask)).choices[0]?.message.content);
console.log(await acme.anthropic.messages.stream({ ...ask, max_tokens: 100 }).finalText());
console.log(
  'the provider was told:',
  provider.requests.map(({ bodyText }) => bodyText.includes('Be brief.')),
);
const secret = acme.openai.responses.create({ model: 'gpt-6-luna', input: 'CONFIDENTIAL: …' });
console.log(await secret.catch((error: unknown) => `${error}, ${ManagedLLMError.from(error)?.code}`));
