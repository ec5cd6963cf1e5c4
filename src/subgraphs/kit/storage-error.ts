/** A database that cannot be used, or not now; the message says to the operator what to do. */
export class StorageError extends Error {
  override readonly name = 'StorageError';
}
