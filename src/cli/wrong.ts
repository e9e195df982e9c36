/** What is wrong with arguments. Thrown and caught where they are read alone. */
export class Wrong extends Error {}
