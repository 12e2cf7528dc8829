/** A reason not to start, written for the person at the terminal: one sentence, what is wrong and what to do. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
}
