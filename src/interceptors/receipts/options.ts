import * as z from 'zod/mini';

/** Options of `receipts`. */
export interface ReceiptsOptions {
  /**
   * Receipts of calls that began longer ago are deleted from the store, at most once an hour and by whichever process finds it
   * is time. Days of 24 hours, more than 0. Default: they are kept for as long as the store keeps them.
   */
  readonly keepDays?: number;
}

/** Schema of {@link ReceiptsOptions}. */
export const receiptsOptionsSchema = z.strictObject({
  keepDays: z.optional(z.number().check(z.positive())),
});
