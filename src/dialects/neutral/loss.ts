export type { Loss, Translated } from '../../core/translation.ts';
