/** The prompt that a call was rendered from: `receipt.facts.prompt`. */
export interface PromptFact {
  readonly name: string;
  readonly version: string;
  /** Of its content, whatever it is called. */
  readonly hash: string;
  /** The label by which a registry found it. */
  readonly label?: string;
  /**
   * What the prompt says and the call's format has no place for: parameters by their neutral names, constraints of the output
   * by their paths (`output.schema.properties.age.minimum`). Absent where there is none.
   */
  readonly leftOut?: readonly string[];
}
