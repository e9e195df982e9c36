/** What an attempt is sent to: a provider and one of its models, written `openai/gpt-6-luna`. */
export interface Target {
  readonly provider: string;
  readonly model: string;
}

/** `provider/model`. */
export function targetName(target: Target): string {
  return `${target.provider}/${target.model}`;
}
