export { sqliteState, type SqliteStateOptions } from './state/sqlite/sqlite-state.ts';
