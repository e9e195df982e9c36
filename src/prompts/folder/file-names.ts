const extension = /\.(md|ya?ml)$/;
const name = /^[\w.-]+$/;
const versionName = /^v?\d/;

/** What a path says of the prompt in it. */
export interface NamedFile {
  readonly name: string;
  /** `undefined`: the file says it. */
  readonly version: string | undefined;
}

/** Whether a file is looked at at all: other ones are nobody's business, such as those of editors. */
export function isPromptFile(base: string): boolean {
  return extension.test(base) && !base.startsWith('.');
}

/** Whether a part of a path can be part of a name. */
export function isName(base: string): boolean {
  return name.test(base);
}

export function isPartial(path: string): boolean {
  return baseOf(path).startsWith('_');
}

/** @param path of a partial */
export function partialName(path: string): string {
  return baseOf(path).slice(1).replace(extension, '');
}

export function isMarkdown(path: string): boolean {
  return path.endsWith('.md');
}

/** @param path from the folder, with `/` */
export function named(path: string): NamedFile {
  const whole = path.replace(extension, '');
  const base = baseOf(whole);
  if (base === whole || !versionName.test(base)) return { name: whole, version: undefined };
  return { name: whole.slice(0, -base.length - 1), version: base };
}

function baseOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
