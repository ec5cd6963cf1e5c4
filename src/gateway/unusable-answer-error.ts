/** What stands in an answer's way; `code` says of what kind it is, or is the answer's HTTP status and listed code. */
export class UnusableAnswerError extends Error {
  override readonly name = 'UnusableAnswerError';
  readonly code: string;

  constructor(code: string) {
    super('the custodian gave no usable answer');
    this.code = code;
  }
}
