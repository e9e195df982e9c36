import { asRecord, type JsonRecord, parsed } from './record.ts';

/**
 * The JSON objects in the `data:` lines of a piece of stream text, last first, for reading the end of a stream without
 * framing all of it. A line without `hint` is skipped unparsed; one that is cut or no object is left out.
 */
export function* dataFromEnd(text: string, hint: string): Generator<JsonRecord> {
  for (let end = text.length; end > 0;) {
    let start = end;
    while (start > 0 && !isLineEnd(text.charCodeAt(start - 1))) start--;
    if (end - start > 5) {
      const line = text.slice(start, end);
      const json =
        line.startsWith('data:') && line.includes(hint) ? asRecord(parsed(line.slice(5))) : undefined;
      if (json !== undefined) yield json;
    }
    end = start - 1;
  }
}

/** The first line, where cutting the text in front may have left only the end of an event. */
export function cutLine(text: string): string {
  const end = text.search(/[\r\n]/);
  const line = end < 0 ? text : text.slice(0, end);
  return /^(?:data|event|id|retry)?:/.test(line) ? '' : line;
}

function isLineEnd(code: number): boolean {
  return code === 10 || code === 13;
}
