/** A need that this machine does not meet. Its message is the one sentence that a person reads: what is wrong, what to do. */
export class Unmet extends Error {}
