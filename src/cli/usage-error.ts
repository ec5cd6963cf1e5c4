/** What was asked for makes no sense or lacks something; the message says what to do. The command ends with exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
