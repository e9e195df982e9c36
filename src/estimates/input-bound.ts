import type { RequestMeasure } from '../core/estimates.ts';
import { mostImageTokens } from './image-tokens.ts';

/** What a provider may put before a conversation of its own accord: rules of a format, the date. Seen: up to 190. */
const requestFrame = 256;
/** Marks around a turn, a call or a result. Seen: up to 12. */
const messageFrame = 24;
/** How tools work, told to the model. Anthropic docs, "Tool use", November 2026: up to 804; others were seen to take 640. */
const toolsFrame = 1_024;
/** Beside the definition itself. */
const toolFrame = 24;
/**
 * Sound has no more tokens than one for so many bytes: 32 a second (Gemini API docs, "Audio understanding"; OpenAI's models
 * take 10) of the slowest MP3, 8 kbit/s.
 */
const bytesPerSoundToken = 31;

/** Models that search by themselves, which no request names: Groq's, Perplexity's, OpenAI's for searching, OpenRouter's variants. */
const searchesUnasked = /(^|\/)(compound|sonar-deep)|search-(preview|api)|:online$/;

/**
 * The most input tokens that a request can be billed for. A text has no more tokens than bytes; pictures and sound are
 * bounded by published formulas; what the request does not show, by the context window; and each use of a tool that the
 * provider runs reads all of it once more. `undefined` where nothing bounds it.
 *
 * @param model its id, as far as it is known
 */
export function inputBound(
  model: string,
  measure: RequestMeasure,
  contextTokens: number | undefined,
): number | undefined {
  const passes = passesOf(measure);
  if (passes === undefined || searchesUnasked.test(model)) return undefined;
  if (passes > 1 || !measure.complete) return contextTokens && contextTokens * passes;
  let tokens = measure.bytes + measure.tokens + requestFrame;
  tokens += messageFrame * measure.messages + toolFrame * measure.tools;
  if (measure.definitionTokens > 0) tokens += toolsFrame;
  for (const image of measure.images) tokens += mostImageTokens(model, image);
  for (const { kind, bytes } of measure.files) {
    // A page may have any number of words, however few bytes it was packed into.
    if (kind === 'document' || bytes === undefined) return contextTokens;
    tokens += Math.ceil(bytes / bytesPerSoundToken);
  }
  return tokens;
}

/** How often the provider reads the conversation in one request. */
function passesOf({ serverTools }: RequestMeasure): number | undefined {
  let passes = 1;
  for (const { maxUses } of serverTools) {
    if (maxUses === undefined) return undefined;
    passes += maxUses;
  }
  return passes;
}
