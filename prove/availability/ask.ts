import type Anthropic from '@anthropic-ai/sdk';
import { ManagedLLMError } from 'managed-llm';
import type OpenAI from 'openai';
import type { Question } from './question.ts';

/** The application's two SDKs. */
export interface Clients {
  readonly openai: OpenAI;
  readonly anthropic: Anthropic;
}

/** Which model each of them asks for. */
export interface Models {
  readonly openai: string;
  readonly anthropic: string;
}

/** How a call ended for the application. */
export interface Ending {
  /**
   * `answered`: whole · `cut`: after its content had begun · `failed`: without content · `refused`: by a rule that limits
   * what is asked, not for want of a provider
   */
  readonly how: 'answered' | 'cut' | 'failed' | 'refused';
  /** When the first content came; of a plain answer, when that came. */
  readonly contentAt: number | undefined;
  /** Code, status or name of what was thrown. */
  readonly why: string | undefined;
}

/** Asks as an application does, and reads the answer to its end. */
export async function ask(
  { openai, anthropic }: Clients,
  models: Models,
  question: Question,
  now: () => number,
): Promise<Ending> {
  const { stream, prompt, maxOutputTokens } = question;
  const messages = [{ role: 'user' as const, content: prompt }];
  let contentAt: number | undefined;
  let isWhole = false;
  try {
    if (question.family === 'openai') {
      const request = { model: models.openai, messages, max_completion_tokens: maxOutputTokens };
      if (stream) {
        for await (const { choices } of await openai.chat.completions.create({ ...request, stream })) {
          if ((choices[0]?.delta.content ?? '') !== '') contentAt ??= now();
          if (choices[0]?.finish_reason != null) isWhole = true;
        }
      } else {
        const { choices } = await openai.chat.completions.create(request);
        isWhole = (choices[0]?.message.content ?? '') !== '';
        contentAt = now();
      }
    } else {
      const request = { model: models.anthropic, messages, max_tokens: maxOutputTokens };
      if (stream) {
        for await (const { type } of await anthropic.messages.create({ ...request, stream })) {
          if (type === 'content_block_delta') contentAt ??= now();
          if (type === 'message_stop') isWhole = true;
        }
      } else {
        const { content } = await anthropic.messages.create(request);
        isWhole = content.length > 0;
        contentAt = now();
      }
    }
  } catch (thrown) {
    const why = reasonOf(thrown);
    if (contentAt !== undefined) return { how: 'cut', contentAt, why };
    return { how: refusals.has(why) ? 'refused' : 'failed', contentAt, why };
  }
  // The bare SDKs end silently where a stream breaks off cleanly.
  if (contentAt === undefined) return { how: 'failed', contentAt, why: 'ended without content' };
  return isWhole
    ? { how: 'answered', contentAt, why: undefined }
    : { how: 'cut', contentAt, why: 'ended early' };
}

/** Codes of limits on what is asked. An open breaker is none: it stands for a provider that does not answer. */
const refusals: ReadonlySet<string> = new Set(['throttled']);

function reasonOf(thrown: unknown): string {
  const managed = ManagedLLMError.from(thrown);
  if (managed !== undefined) return managed.code;
  const { status } = thrown as { readonly status?: number };
  if (status !== undefined) return String(status);
  return thrown instanceof Error ? thrown.constructor.name : String(thrown);
}
