/** Why an image that is there was not attached. */
export type RefusalReason =
  | 'UNSAFE_PATH'
  | 'SYMBOLIC_LINK'
  | 'NOT_A_FILE'
  | 'TOO_LARGE'
  | 'NO_DIGEST'
  | 'UNSUPPORTED_FORMAT'
  | 'TOO_MANY_PIXELS'
  | 'DAMAGED';

/** An image that must not be attached; nothing of it is quoted. */
export class ImageRefusal extends Error {
  override readonly name = 'ImageRefusal';
  readonly reason: RefusalReason;

  constructor(reason: RefusalReason, options?: ErrorOptions) {
    super(reason, options);
    this.reason = reason;
  }
}
