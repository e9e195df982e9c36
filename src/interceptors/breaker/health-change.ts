/** Whether a circuit lets calls through: all, none, or a single probe. */
export type CircuitState = 'closed' | 'open' | 'half-open';

/** A change of a target's circuit. */
export interface CircuitChange {
  readonly kind: 'circuit';
  /** `provider/model`. */
  readonly target: string;
  readonly from: CircuitState;
  readonly to: CircuitState;
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** What the window held when the circuit opened; else 0. */
  readonly calls: number;
  readonly failureRatio: number;
  readonly slowRatio: number;
  /** When a probe may go, while open. */
  readonly nextProbeAt: number | undefined;
  /** Nothing was refused for it. */
  readonly shadow: boolean;
}

/** A provider, model or target was switched off or on by hand. */
export interface KillChange {
  readonly kind: 'killed' | 'revived';
  readonly provider: string | undefined;
  readonly model: string | undefined;
  readonly reason: string | undefined;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

/** What `BreakerOptions.onChange` is told. */
export type HealthChange = CircuitChange | KillChange;
