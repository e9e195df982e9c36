import { parseArgs } from 'node:util';
import { Calendar } from '../core/calendar.ts';
import { momentOf } from '../core/moment.ts';
import { nearestOf } from '../core/parse-options.ts';
import { canaryCommandOf, type CanaryCommand } from './canary-arguments.ts';
import type { Source } from './open-state.ts';
import { promptsCommandOf, type PromptsCommand } from './prompts-arguments.ts';
import { Wrong } from './wrong.ts';

/** What was asked for. */
export type Command =
  | { readonly kind: 'help' }
  | { readonly kind: 'report'; readonly report: ReportCommand }
  | { readonly kind: 'prompts'; readonly prompts: PromptsCommand }
  | { readonly kind: 'canary'; readonly canary: CanaryCommand }
  /** Names the argument, and says what to write instead. */
  | { readonly kind: 'wrong'; readonly because: string };

export interface ReportCommand {
  readonly source: Source;
  readonly out: string;
  readonly from?: string;
  readonly to?: string;
  readonly timeZone?: string;
  readonly tag?: string;
  readonly title?: string;
}

/** What each takes, for messages. */
const known = {
  sqlite: 'a file, as in `--sqlite llm.db`',
  redis: 'a URL, as in `--redis redis://localhost:6379`',
  postgres: 'a URL, as in `--postgres postgres://localhost/app`',
  prefix: 'the prefix of `redisState`, as in `--prefix my-app:`',
  schema: 'the schema of `postgresState`, as in `--schema my_schema`',
  from: 'a time, as in `--from 2026-11-01`',
  to: 'a time, as in `--to 2026-12-01`',
  'time-zone': 'a time zone, as in `--time-zone Europe/Berlin`',
  tag: 'the name of a tag, as in `--tag feature`',
  title: 'a text, as in `--title "November"`',
  out: 'a file, as in `--out report.html`',
  by: 'a name, as in `--by alice`',
  note: 'a text, as in `--note "shorter answers"`',
  reason: 'a text, as in `--reason "answers in French"`',
  definition: 'what tells one canary from others of its name, as `canary status` lists it',
} as const;

type Name = keyof typeof known;

const commands = ['report', 'prompts', 'canary'] as const;

/** Options that are not of all commands. */
const only: Readonly<Partial<Record<Name, readonly (typeof commands)[number][]>>> = {
  from: ['report'],
  to: ['report'],
  'time-zone': ['report'],
  tag: ['report'],
  title: ['report'],
  out: ['report'],
  by: ['prompts', 'canary'],
  note: ['prompts'],
  reason: ['canary'],
  definition: ['canary'],
};

/** Reads the words after the command's name. Looks at nothing but them. */
export function readArguments(words: readonly string[]): Command {
  try {
    return commandOf(words);
  } catch (thrown) {
    if (thrown instanceof Wrong) return { kind: 'wrong', because: thrown.message };
    throw thrown;
  }
}

function commandOf(words: readonly string[]): Command {
  // Whoever asks for help may not know the rest yet.
  if (words.includes('--help') || words.includes('-h')) return { kind: 'help' };
  const { given, positionals } = readWords(words);
  const [command, more] = positionals;
  if (command === undefined) throw new Wrong(`No command: write one of ${listOf(commands)}.`);
  if (command === 'help') return { kind: 'help' };
  if (command !== 'report' && command !== 'prompts' && command !== 'canary')
    throw new Wrong(`\`${command}\` is no command. There are ${listOf(commands)}.`);
  for (const [name, of] of Object.entries(only))
    if (isKnown(name) && given[name] !== undefined && !of.includes(command))
      throw new Wrong(`\`--${name}\` is of ${listOf(of)} alone: leave it out.`);
  if (command === 'prompts') {
    const { by, note } = given;
    const prompts = promptsCommandOf(positionals.slice(1), { by, note });
    return { kind: 'prompts', prompts: { ...prompts, source: sourceOf(given, 'labels') } };
  }
  if (command === 'canary') {
    const canary = canaryCommandOf(positionals.slice(1), given);
    return { kind: 'canary', canary: { ...canary, source: sourceOf(given, 'canaries') } };
  }
  if (more !== undefined) {
    const isSourceGiven = (given.sqlite ?? given.redis ?? given.postgres) !== undefined;
    throw new Wrong(
      `\`${more}\` stands where nothing is expected: write an option before it, such as \`${isSourceGiven ? '--out' : '--sqlite'}\`.`,
    );
  }
  const source = sourceOf(given, 'receipts');
  checkTimes(given);
  const { from, to, 'time-zone': timeZone, tag, title, out = 'report.html' } = given;
  return {
    kind: 'report',
    report: {
      source,
      out,
      ...(from === undefined ? {} : { from }),
      ...(to === undefined ? {} : { to }),
      ...(timeZone === undefined ? {} : { timeZone }),
      ...(tag === undefined ? {} : { tag }),
      ...(title === undefined ? {} : { title }),
    },
  };
}

function listOf(names: readonly string[]): string {
  return names.map((name) => `\`managed-llm ${name}\``).join(', ');
}

type Given = Readonly<Partial<Record<Name, string>>>;

function readWords(words: readonly string[]) {
  const options = Object.fromEntries(Object.keys(known).map((name) => [name, { type: 'string' } as const]));
  const { tokens } = parseArgs({
    args: [...words],
    options,
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  const given: Partial<Record<Name, string>> = {};
  const positionals: string[] = [];
  for (const token of tokens) {
    if (token.kind === 'positional') positionals.push(token.value);
    if (token.kind !== 'option') continue;
    const { name, rawName, value } = token;
    if (!isKnown(name)) throw new Wrong(unknownOption(rawName, name));
    // `--from --to 2026-12`: the second is no value of the first.
    else if (value === undefined || value === '' || (value.startsWith('--') && token.inlineValue !== true))
      throw new Wrong(`\`${rawName}\` needs ${known[name]}.`);
    else if (given[name] !== undefined) throw new Wrong(`\`${rawName}\` is given twice: give it once.`);
    else given[name] = value;
  }
  return { given, positionals };
}

function isKnown(name: string): name is Name {
  return Object.hasOwn(known, name);
}

function unknownOption(rawName: string, name: string): string {
  const nearest = nearestOf(name, [...Object.keys(known), 'help']);
  return `\`${rawName}\` is no option. ${nearest === undefined ? '`managed-llm --help` lists them all.' : `Did you mean \`--${nearest}\`?`}`;
}

/** @param what is there, for a message */
function sourceOf(
  { sqlite, redis, postgres, prefix, schema }: Given,
  what: 'receipts' | 'labels' | 'canaries',
): Source {
  const sources = [
    sqlite !== undefined && '--sqlite',
    redis !== undefined && '--redis',
    postgres !== undefined && '--postgres',
  ].filter((name) => name !== false);
  if (sources.length > 1)
    throw new Wrong(
      `\`${sources.join('` and `')}\` are given: a command is about one store, so give one of them.`,
    );
  if (prefix !== undefined && redis === undefined)
    throw new Wrong('`--prefix` is of Redis alone: give it with `--redis`.');
  if (schema !== undefined && postgres === undefined)
    throw new Wrong('`--schema` is of PostgreSQL alone: give it with `--postgres`.');
  if (sqlite !== undefined) return { kind: 'sqlite', file: sqlite };
  if (redis !== undefined) {
    checkUrl('redis', redis, ['redis:', 'rediss:']);
    return { kind: 'redis', url: redis, prefix };
  }
  if (postgres !== undefined) {
    checkUrl('postgres', postgres, ['postgres:', 'postgresql:']);
    return { kind: 'postgres', url: postgres, schema };
  }
  throw new Wrong(
    `Nothing says where the ${what} are: give \`--sqlite FILE\`, \`--redis URL\` or \`--postgres URL\`.`,
  );
}

/** Never tells the URL: it may hold a password. */
function checkUrl(name: 'redis' | 'postgres', url: string, protocols: readonly string[]): void {
  const { protocol } = URL.parse(url) ?? {};
  if (protocol === undefined || !protocols.includes(protocol))
    throw new Wrong(
      `\`--${name}\` has to be ${known[name]}, beginning with \`${protocols.join('//` or `')}//\`.`,
    );
}

function checkTimes({ from, to, 'time-zone': timeZone = 'UTC' }: Given): void {
  const calendar = calendarOf(timeZone);
  const start = from === undefined ? -Infinity : timeOf('--from', from, calendar);
  const end = to === undefined ? Infinity : timeOf('--to', to, calendar);
  if (start >= end)
    throw new Wrong(
      `\`--to\` (${to}) is not after \`--from\` (${from}): it is the first moment that is not meant, so \`--from 2026-11 --to 2026-12\` is November.`,
    );
}

function calendarOf(timeZone: string): Calendar {
  try {
    return new Calendar(timeZone, 'timeZone');
  } catch {
    throw new Wrong(
      `\`--time-zone\` is ${JSON.stringify(timeZone)}, which is no time zone: give one as \`Europe/Berlin\` or \`UTC\`.`,
    );
  }
}

function timeOf(option: string, text: string, calendar: Calendar): number {
  try {
    return momentOf(text, calendar, option);
  } catch {
    throw new Wrong(
      `\`${option}\` is ${JSON.stringify(text)}, which is no time: give a day (\`2026-11-01\`), a month (\`2026-11\`) or a time with its offset (\`2026-11-01T12:00:00Z\`).`,
    );
  }
}
