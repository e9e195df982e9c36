import type { Prompt } from '../prompt.ts';
import type { Segment } from '../template.ts';

/** A template as it is written, with its partials in their places. */
export function writtenTemplate(segments: readonly Segment[]): string {
  return segments
    .map((segment) => {
      if (typeof segment === 'string') return segment.replaceAll('{{', '{{{{');
      return segment.kind === 'image' ? `{{image:${segment.name}}}` : `{{${segment.name}}}`;
    })
    .join('');
}

/** All that shapes a prompt's requests, for people. */
export function writtenOut({ model, read }: Pick<Prompt, 'model' | 'read'>): string {
  const { parameters } = read.definition;
  const parts = [
    ...(model === undefined ? [] : [`model: ${model}`]),
    ...Object.entries(parameters ?? {}).map(([name, value]) => `${name}: ${JSON.stringify(value)}`),
    ...(read.output === undefined ? [] : [`output: ${JSON.stringify(read.output, null, 2)}`]),
    ...read.messages.map(({ role, segments }) => `${role}:\n${writtenTemplate(segments)}`),
  ];
  return `${parts.join('\n')}\n`;
}
