import { hash } from 'node:crypto';
import * as z from 'zod/mini';
import type { Call } from '../core/call.ts';
import { conversationKey } from '../core/conversation.ts';
import type { AssignedBy } from '../core/experiment-fact.ts';

/** Who stays with an arm, or a function that gives it as text. */
export type SubjectOption = Exclude<AssignedBy, 'own'> | ((call: Call) => string | undefined);

/** Schema of {@link SubjectOption}. */
export const subjectSchema = z.union([
  z.enum(['user', 'tenant', 'conversation', 'call']),
  z.custom<(call: Call) => string | undefined>((value) => typeof value === 'function', 'must be a function'),
]);

/** How a {@link SubjectOption} is told. */
export function toldOf(by: SubjectOption): AssignedBy {
  return typeof by === 'string' ? by : 'own';
}

/** Who stays with an arm, as text; `undefined` where the call has none. */
export function subjectOf(by: SubjectOption, call: Call): string | undefined {
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
