/**
 * What only caches, experiments and translations need, loaded together when first asked for. One module, because every one that is
 * loaded by itself cuts what it shares with the rest into files of their own, each of which costs at import.
 */
export { codec as anthropicMessagesStreams } from './anthropic-messages/codec.ts';
export { promptCache as anthropicMessagesPromptCache } from './anthropic-messages/prompt-cache.ts';
export { parametersLens as anthropicMessagesParameters } from './anthropic-messages/parameters.ts';
export { anthropicMessagesCodec } from './anthropic-messages/translation.ts';
export { codec as neutralStreams } from './neutral/stream-codec.ts';
export { parametersLens as neutralParameters } from './neutral/parameters.ts';
export { neutralCodec } from './neutral/translation.ts';
export { codec as openaiChatStreams } from './openai-chat/codec.ts';
export { promptCache as openaiChatPromptCache } from './openai-chat/prompt-cache.ts';
export { parametersLens as openaiChatParameters } from './openai-chat/parameters.ts';
export { openaiChatCodec } from './openai-chat/translation.ts';
export { codec as openaiResponsesStreams } from './openai-responses/codec.ts';
export { promptCache as openaiResponsesPromptCache } from './openai-responses/prompt-cache.ts';
export { parametersLens as openaiResponsesParameters } from './openai-responses/parameters.ts';
export { openaiResponsesCodec } from './openai-responses/translation.ts';
export { translation } from './translate.ts';
