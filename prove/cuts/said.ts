/** What a caller was given: an item of an SDK's stream, or an event of ours. */
type Item = Readonly<Record<string, unknown>>;

/** A piece of an answer. */
interface Piece {
  readonly kind: 'text' | 'other';
  readonly text: string;
}

/** The answer that items carry, piece by piece: text, and everything else that only an answer has. */
function piecesOf(item: Item): readonly Piece[] {
  if (Array.isArray(item['choices'])) return (item['choices'] as readonly Item[]).flatMap(chatPieces);
  const type = String(item['type']);
  switch (type) {
    case 'text-delta':
      return [{ kind: 'text', text: String(item['text']) }];
    case 'response.output_text.delta':
      return [{ kind: 'text', text: String(item['delta']) }];
    case 'content_block_delta':
      return blockPieces(item['delta'] as Item);
    default:
      return /(delta|tool-call(-start)?|tool_use)$/.test(type)
        ? other(item['text'] ?? item['delta'] ?? item)
        : [];
  }
}

function chatPieces({ delta }: Item): readonly Piece[] {
  const { content, role: _role, ...rest } = (delta ?? {}) as Item;
  const said = Object.values(rest).some((value) => value !== null && value !== '' && value !== undefined);
  return [
    ...(typeof content === 'string' && content !== '' ? [{ kind: 'text' as const, text: content }] : []),
    ...(said ? other(rest) : []),
  ];
}

function blockPieces(delta: Item): readonly Piece[] {
  return delta['type'] === 'text_delta' ? [{ kind: 'text', text: String(delta['text']) }] : other(delta);
}

function other(value: unknown): readonly Piece[] {
  return [{ kind: 'other', text: JSON.stringify(value) }];
}

/** Generated text alone. */
export function textOf(items: readonly unknown[]): string {
  return (items as readonly Item[])
    .flatMap(piecesOf)
    .map(({ kind, text }) => (kind === 'text' ? text : ''))
    .join('');
}

/** Whether anything of an answer is among them. */
export function holdsAnswer(items: readonly unknown[]): boolean {
  return (items as readonly Item[]).flatMap(piecesOf).some(({ text }) => text !== '');
}
