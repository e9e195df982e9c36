import * as z from 'zod/mini';

/** `clock` of every state's options. */
export const clockOption = z.optional(
  z.custom((value) => typeof value === 'object' && value !== null, 'must be a clock'),
);
