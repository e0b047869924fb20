/** Something the reader can mend: its message says what and how, and is shown without a stack. */
export class UserError extends Error {
  override name = 'UserError';
}
