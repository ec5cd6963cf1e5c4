/** Why a request's work ends where nobody waits for the answer any more. */
export class ClientGoneError extends Error {
  override readonly name = 'ClientGoneError';
}

/** Whether a request's signal has ended because the client is gone, and not at a deadline. */
export const hasLeft = ({ reason }: AbortSignal): boolean => reason instanceof ClientGoneError;
