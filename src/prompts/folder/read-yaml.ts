import { wrongFile } from './wrong-file.ts';

/** Repetitions of one part of a document by aliases; more are an attack on memory. */
const maxAliasCount = 100;

/**
 * Plain data of YAML 1.2: no tags of anybody, no key twice. A version is what is written there: `1.10` stays that.
 *
 * @throws `prompt-invalid` with path and line, never with what is written there
 */
export async function readYaml(path: string, text: string): Promise<Readonly<Record<string, unknown>>> {
  const { LineCounter, isScalar, parseDocument } = await import('yaml');
  const lineCounter = new LineCounter();
  const document = parseDocument(text, {
    lineCounter,
    logLevel: 'silent',
    merge: false,
    prettyErrors: false,
    schema: 'core',
    stringKeys: true,
    version: '1.2',
  });
  const [problem] = [...document.errors, ...document.warnings];
  if (problem !== undefined) {
    const { line } = lineCounter.linePos(problem.pos[0]);
    throw wrongFile(path, `has what is not read as YAML in line ${line}: ${problem.code}`);
  }
  const version: unknown = document.get('version', true);
  const written = isScalar(version) && typeof version.value === 'number' ? version.source : undefined;
  let value: unknown;
  try {
    value = document.toJS({ maxAliasCount });
  } catch (cause) {
    throw wrongFile(path, 'repeats too much by aliases: write it out', cause);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw wrongFile(path, 'must hold names and values, such as `model: gpt-5-mini`');
  return { ...value, ...(written === undefined ? {} : { version: written }) };
}
