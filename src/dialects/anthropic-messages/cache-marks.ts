import { unmarked } from '../cache-marks.ts';
import { changeItems, changeMember, withoutMembers } from '../record.ts';

/** The request without the breakpoints of its prompt cache. */
export function withoutBreakpoints(body: unknown): unknown {
  let bare = withoutMembers(body, 'cache_control');
  for (const key of ['tools', 'system', 'messages'])
    bare = changeMember(bare, key, (blocks) => unmarked(blocks, 'cache_control', ['content']));
  return changeMember(bare, 'messages', (messages) =>
    changeItems(messages, (message) => changeMember(message, 'content', withBareDocuments)),
  );
}

/** Documents that are written as blocks hold these in their source. */
function withBareDocuments(blocks: unknown): unknown {
  return changeItems(blocks, (block) =>
    changeMember(block, 'source', (source) =>
      changeMember(source, 'content', (inner) => unmarked(inner, 'cache_control', [])),
    ),
  );
}
