/** What has to hold, and what of it did not. */
export class Goals {
  met = 0;
  readonly missed: string[] = [];

  that(holds: boolean, otherwise: string): void {
    if (holds) this.met += 1;
    else this.missed.push(otherwise);
  }
}

/** For tables and messages: `$4.998123`. */
export function usd(nanoUsd: number): string {
  return `$${(nanoUsd / 1e9).toFixed(6)}`;
}

export function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}
