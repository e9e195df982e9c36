/** What a page is about. Epoch milliseconds; `to` is exclusive, `undefined`: without end. */
export interface Period {
  readonly from: number | undefined;
  readonly to: number | undefined;
}
