import type { Endpoint } from '../../core/entry.ts';
import { nearestOf } from '../../core/parse-options.ts';

const freeMethods = new Set(['GET', 'HEAD', 'OPTIONS', 'DELETE']);

/**
 * What nothing is billed for, by the end of its path: counting, moderation, uploads, stopping what runs, conversations that
 * are only stored, and administration. OpenAI and Anthropic pricing pages, November 2026; the paths are those of the
 * resources of openai 7.57 and anthropic 1.12.
 */
const free: readonly RegExp[] = [
  /\/messages\/count_tokens$/,
  /\/responses\/input_tokens$/,
  /\/moderations$/,
  /\/files$/,
  /\/uploads$/,
  /\/uploads\/[^/]+\/(parts|complete)$/,
  /\/cancel$/,
  /\/conversations$/,
  /\/conversations\/[^/]+$/,
  /\/conversations\/[^/]+\/items$/,
  /\/chat\/completions\/[^/]+$/,
  /\/assistants$/,
  /\/assistants\/[^/]+$/,
  /\/threads$/,
  /\/threads\/(?!runs$)[^/]+$/,
  /\/threads\/[^/]+\/messages(\/[^/]+)?$/,
  /\/fine_tuning\/jobs\/[^/]+\/(pause|resume)$/,
  /\/fine_tuning\/alpha\/graders\/validate$/,
  /^(\/v1)?\/organizations?\/.+$/,
  /^(\/v1)?\/projects\/.+$/,
  /\/user_profiles$/,
  /\/webhook_endpoints(\/.+)?$/,
];

/** Names of what is billed, by the end of its path: as the SDKs' methods are called. */
const paid: readonly (readonly [RegExp, string])[] = [
  [/\/images\/generations$/, 'images.generate'],
  [/\/images\/edits$/, 'images.edit'],
  [/\/images\/variations$/, 'images.createVariation'],
  [/\/audio\/speech$/, 'audio.speech'],
  [/\/audio\/transcriptions$/, 'audio.transcriptions'],
  [/\/audio\/translations$/, 'audio.translations'],
  [/\/chat\/completions$/, 'chat.completions'],
  [/\/completions$/, 'completions'],
  [/\/responses$/, 'responses'],
  [/\/responses\/compact$/, 'responses.compact'],
  [/\/embeddings$/, 'embeddings'],
  [/\/messages\/batches$/, 'messages.batches'],
  [/\/v1\/messages$/, 'messages'],
  [/\/batches$/, 'batches'],
  [/\/fine_tuning\/jobs$/, 'fineTuning.jobs'],
  [/\/fine_tuning\/alpha\/graders\/run$/, 'fineTuning.alpha.graders'],
  [/\/videos(\/edits|\/extensions|\/[^/]+\/remix)?$/, 'videos'],
  [/\/vector_stores\/[^/]+\/search$/, 'vectorStores.search'],
  [/\/vector_stores$/, 'vectorStores'],
  [/\/containers$/, 'containers'],
  [/\/decisions$/, 'decisions'],
  [/\/evals\/[^/]+\/runs$/, 'evals.runs'],
  [/\/threads(\/[^/]+)?\/runs$/, 'threads.runs'],
  [/\/realtime\/.+$/, 'realtime'],
  [/\/live\/.+$/, 'live'],
];

/** What an answer is called that is written later, to be fetched by its id. */
export const backgroundName = 'responses.background';

const names = new Set(['chat', 'embed', backgroundName, ...paid.map(([, name]) => name)]);

/** The name that is meant, where one that is no path names no request. */
export function misspeltRequest(name: string): { readonly nearest: string | undefined } | undefined {
  if (name.startsWith('/') || names.has(name)) return undefined;
  return { nearest: nearestOf(name, [...names]) };
}

/**
 * By which name a request without a dialect is priced, as a whole; `undefined` for one that costs nothing. What is not known
 * is taken to cost something, under its path, in which what looks like an id is `*`.
 */
export function pricedAs({ method, path }: Pick<Endpoint, 'method' | 'path'>): string | undefined {
  if (freeMethods.has(method.toUpperCase())) return undefined;
  const query = path.indexOf('?');
  const whole = query < 0 ? path : path.slice(0, query);
  const slashed = whole.startsWith('/') ? whole : `/${whole}`;
  const plain = slashed.endsWith('/') ? slashed.slice(0, -1) : slashed;
  if (free.some((pattern) => pattern.test(plain))) return undefined;
  const known = paid.find(([pattern]) => pattern.test(plain));
  return known === undefined ? plain.split('/').map(withoutId).join('/') : known[1];
}

/** The id in the path of a response that is fetched, or stopped: the answer tells how far it is. */
export function fetchedResponse({ method, path }: Pick<Endpoint, 'method' | 'path'>): string | undefined {
  const found = /\/responses\/(?<id>[^/?]+)(?<cancel>\/cancel)?\/?(?:\?.*)?$/.exec(path)?.groups;
  if (found === undefined || method.toUpperCase() !== (found['cancel'] === undefined ? 'GET' : 'POST'))
    return undefined;
  return found['id'];
}

function withoutId(segment: string): string {
  return /^(?=.*\d)[\w-]{8,}$/.test(segment) ? '*' : segment;
}
