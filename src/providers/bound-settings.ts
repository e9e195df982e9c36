import type { CallSettings } from '../core/settings.ts';
import type { CallWatcher } from '../core/gate.ts';

/** Who is asking, decided when the application calls, not when the request is at last sent. */
export interface CallContext {
  readonly settings: CallSettings;
  readonly watchers: readonly CallWatcher[];
}

/** Reads the context of the call being made now. Throws when this client may not be used by it. */
export type ReadContext = () => CallContext;
