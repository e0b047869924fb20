/** Said to the user as it is. */
export class Refusal extends Error {}
