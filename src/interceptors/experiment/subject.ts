import { hash } from 'node:crypto';
import type { Call } from '../../core/call.ts';
import { conversationKey } from '../../core/conversation.ts';
import type { ExperimentRules } from './options.ts';

/** Who stays with an arm, as text; `undefined` where the call has none. */
export function subjectOf(by: ExperimentRules['by'], call: Call): string | undefined {
  const { user, tenant = null } = call.settings;
  switch (by) {
    case 'user':
      return user === undefined ? undefined : JSON.stringify([tenant, user]);
    case 'tenant':
      return tenant === null ? undefined : JSON.stringify([tenant]);
    case 'conversation': {
      const key = conversationKey(call);
      // Many begin alike: who asks tells them apart.
      return key === undefined ? undefined : JSON.stringify([tenant, user ?? null, key]);
    }
    case 'call':
      return call.parentId ?? call.id;
    default:
      return by(call);
  }
}

/** A subject as it stands in receipts and in the state: who it is cannot be read from it. */
export function hashedSubject(subject: string): string {
  return hash('sha256', subject, 'base64url').slice(0, 16);
}
