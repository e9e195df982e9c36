/** The prompt that a call was rendered from: `receipt.facts.prompt`. */
export interface PromptFact {
  readonly name: string;
  readonly version: string;
  /** Of its content, whatever it is called. */
  readonly hash: string;
  /** The label by which a registry found it. */
  readonly label?: string;
  /** Parameters of the prompt that the call's format has no place for, by their neutral names. Absent where there are none. */
  readonly leftOut?: readonly string[];
}
